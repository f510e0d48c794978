//! The installation's commands: where `postqueue(1)` and `postsuper(1)` are, and which instance they are for.
//!
//! Absolute paths only: a search path is somebody else's opinion. When mailtop runs as root it refuses commands that
//! another user could have changed. What it does not do: run anything.

use crate::safe_text::SafeText;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where Postfix's maintainers and the common packages put the commands (`command_directory`, postconf(5)).
const DIRECTORIES: [&str; 5] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/sbin",
    "/opt/postfix/sbin",
    "/usr/pkg/sbin",
];

/// One Postfix installation and instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// `postqueue(1)`, absolute.
    pub postqueue: PathBuf,
    /// `postsuper(1)`, absolute.
    pub postsuper: PathBuf,
    /// `-c`, absolute; `None` for the default instance.
    pub config_dir: Option<PathBuf>,
}

impl Tools {
    /// Finds the commands of the instance that is configured in `config_dir`, or of the default one.
    ///
    /// # Errors
    /// A sentence with the fix, when the commands are not where they are expected or the directory is not absolute.
    pub fn find(config_dir: Option<PathBuf>) -> Result<Self, SafeText> {
        if let Some(dir) = config_dir.as_ref().filter(|dir| !dir.is_absolute()) {
            return Err(said(format!(
                "the configuration directory {} must be an absolute path",
                dir.display()
            )));
        }
        let directory = DIRECTORIES
            .iter()
            .map(Path::new)
            .find(|directory| directory.join("postqueue").is_file())
            .ok_or_else(|| {
                said(format!(
                    "postqueue is in none of {}: is Postfix installed on this host?",
                    DIRECTORIES.join(", ")
                ))
            })?;
        Ok(Self {
            postqueue: directory.join("postqueue"),
            postsuper: directory.join("postsuper"),
            config_dir,
        })
    }

    /// The configuration directory as text, for [`crate::model::command_line::command_line`].
    pub fn config_dir_text(&self) -> Option<String> {
        self.config_dir
            .as_ref()
            .map(|dir| dir.display().to_string())
    }

    /// Whether root can run `program` of this installation without running what another user wrote: the program, its
    /// directory and the configuration directory belong to root and only root may write them.
    ///
    /// # Errors
    /// A sentence that names the path and what is wrong with it.
    pub(super) fn trusted(&self, program: &Path) -> Result<(), SafeText> {
        if !program.is_absolute() {
            return Err(said(format!(
                "{} is not an absolute path",
                program.display()
            )));
        }
        let by_root = rustix::process::geteuid().is_root();
        let paths = [Some(program), program.parent(), self.config_dir.as_deref()];
        for path in paths.into_iter().flatten() {
            let facts = fs::metadata(path)
                .map_err(|error| said(format!("cannot use {}: {error}", path.display())))?;
            if by_root {
                only_root_writes(path, facts.uid(), facts.mode())?;
            }
        }
        Ok(())
    }
}

fn only_root_writes(path: &Path, owner: u32, mode: u32) -> Result<(), SafeText> {
    let path = path.display();
    if owner != 0 {
        return Err(said(format!(
            "{path} does not belong to root (but to user id {owner}): root does not run it; chown root {path}"
        )));
    }
    if mode & 0o022 != 0 {
        return Err(said(format!(
            "{path} can be written by others than root (mode {:o}): root does not run it; chmod go-w {path}",
            mode & 0o7777
        )));
    }
    Ok(())
}

fn said(sentence: String) -> SafeText {
    SafeText::new(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_relative_configuration_directory_is_refused() {
        let refused = Tools::find(Some(PathBuf::from("postfix"))).unwrap_err();
        assert!(refused.as_str().contains("absolute"), "{refused}");
    }

    #[test]
    fn what_others_may_write_is_not_trusted() {
        let path = Path::new("/usr/sbin/postsuper");
        assert!(only_root_writes(path, 0, 0o100_755).is_ok());
        assert!(only_root_writes(path, 0, 0o102_755).is_ok());
        for (owner, mode) in [(1000, 0o100_755), (0, 0o100_775), (0, 0o100_757)] {
            let refused = only_root_writes(path, owner, mode).unwrap_err();
            assert!(
                refused.as_str().contains("/usr/sbin/postsuper"),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_relative_or_absent_program_is_refused_before_it_is_run() {
        let lab = tempfile::tempdir().unwrap();
        fs::set_permissions(lab.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let tools = Tools {
            postqueue: PathBuf::from("postqueue"),
            postsuper: lab.path().join("postsuper"),
            config_dir: None,
        };
        assert!(tools.trusted(&tools.postqueue).is_err());
        assert!(tools.trusted(&tools.postsuper).is_err());
        fs::write(&tools.postsuper, "").unwrap();
        assert!(tools.trusted(&tools.postsuper).is_ok());
    }
}
