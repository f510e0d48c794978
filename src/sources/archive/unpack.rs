//! Packed logs become streams of text.
//!
//! gzip is read here; xz, zstd and bzip2 by their own commands, where they are installed: the file is their standard input, so that it may be
//! renamed or deleted meanwhile; their environment is empty, and they are killed when nobody reads on.
//!
//! Formats: RFC 1952 (several members are one text); xz(1), zstd(1), bzip2(1).

use super::names::Packing;
use super::reader::Reader;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// One read of a packed file.
const PACKED: usize = 64 * 1024;
/// Where a system's commands are.
const PATH: [&str; 3] = ["/usr/bin", "/bin", "/usr/local/bin"];

/// The text of a packed file from its beginning.
///
/// # Errors
/// A sentence when the command that unpacks it is not there.
pub(super) fn open(packing: Packing, input: Reader) -> io::Result<Box<dyn Read + Send>> {
    match packing {
        Packing::Plain => Ok(Box::new(input)),
        Packing::Gzip => {
            let packed = BufReader::with_capacity(PACKED, input);
            Ok(Box::new(Gzip(MultiGzDecoder::new(packed))))
        }
        other => match by_command(other, input.file()?)? {
            Some(text) => Ok(Box::new(text)),
            None => Err(io::Error::other("this packing is not known")),
        },
    }
}

/// The text of a file that a command unpacks; `None` when it is packed in no such way.
///
/// # Errors
/// A sentence when the command is not there, or those of starting it.
pub(crate) fn by_command(packing: Packing, file: File) -> io::Result<Option<impl Read + use<>>> {
    let command = match packing {
        Packing::Xz => "xz",
        Packing::Zstd => "zstd",
        Packing::Bzip2 => "bzip2",
        Packing::Plain | Packing::Gzip | Packing::Foreign => return Ok(None),
    };
    let program =
        find(command).ok_or_else(|| io::Error::other(format!("{command} is not installed")))?;
    Unpacker::start(&program, command, file).map(Some)
}

fn find(command: &str) -> Option<PathBuf> {
    PATH.iter()
        .map(|directory| Path::new(directory).join(command))
        .find(|path| path.is_file())
}

/// gzip, with its troubles said in words.
struct Gzip(MultiGzDecoder<BufReader<Reader>>);

impl Read for Gzip {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), "it ends too early: gzip did not finish it")
            }
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::other(format!("it is damaged: {error}"))
            }
            _ => error,
        })
    }
}

/// A command that unpacks its standard input.
struct Unpacker {
    child: Child,
    text: Option<ChildStdout>,
    command: &'static str,
}

impl Unpacker {
    fn start(program: &Path, command: &'static str, mut file: File) -> io::Result<Self> {
        file.rewind()?;
        let mut child = Command::new(program)
            .arg("-dc")
            .env_clear()
            .stdin(Stdio::from(file))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let text = child.stdout.take();
        Ok(Self {
            child,
            text,
            command,
        })
    }
}

impl Read for Unpacker {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let Some(text) = &mut self.text else {
            return Ok(0);
        };
        let read = text.read(room)?;
        if read == 0 {
            self.text = None;
            let status = self.child.wait()?;
            if !status.success() {
                let said = format!("it is damaged: {} -dc failed ({status})", self.command);
                return Err(io::Error::new(io::ErrorKind::InvalidData, said));
            }
        }
        Ok(read)
    }
}

impl Drop for Unpacker {
    fn drop(&mut self) {
        // Both fail when it has ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
