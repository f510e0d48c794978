//! Knowledge about the world outside: which provider runs a mail host, and what the replies of mail servers mean.
//!
//! Facts that change without a new release of mailtop are data, not code: `knowledge/providers.toml` and `knowledge/replies.toml` say for each where it comes
//! from. In comes the name of a relay, as a delivery agent has logged it, or a recipient's domain; out comes a provider. The name of a relay is what the
//! domain's owner wrote into the DNS and proves nothing: anybody may call a host `mx.google.com.evil.example`, and only whole labels from the right count. It
//! resolves no names. In comes a reason; out comes its class, its meaning, whether trying again helps, and what to do ([`replies`]).

mod class;
pub mod replies;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::reasons::Reason;
use crate::safe_text::SafeText;

pub use class::{Class, Retry};
pub use replies::Reply;

/// Longest host name that is looked at (RFC 1035, section 2.3.4).
const LONGEST: usize = 255;

/// Who runs the mailboxes. Small and cheap to copy; two are equal if their names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Provider(&'static str);

impl Provider {
    /// Mail that this host delivers itself: to mailboxes, programs and local sockets.
    pub const LOCAL: Self = Self("local");
    /// Every mail host that no entry names.
    pub const OTHER: Self = Self("other");

    /// The name on the screen: at most 12 columns, safe to draw.
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// What mailtop knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Suffix of a mail host, in small letters, to its provider.
    hosts: HashMap<Box<str>, Provider>,
    /// Recipient domain, in small letters, to its provider.
    domains: HashMap<Box<str>, Provider>,
    /// In the order in which they are tried.
    replies: Vec<Reply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    provider: Vec<Entry>,
    #[serde(default)]
    reply: Vec<replies::Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    mx: Vec<String>,
    #[serde(default)]
    domains: Vec<String>,
}

impl Knowledge {
    /// What is built in.
    pub fn builtin() -> &'static Self {
        // That the built-in files can be read is a test's business; if they could not, mailtop would still run, without names for providers.
        static BUILTIN: LazyLock<Knowledge> = LazyLock::new(|| {
            let replies = Knowledge::read(include_str!("knowledge/replies.toml"));
            Knowledge::read(include_str!("knowledge/providers.toml"))
                .unwrap_or_default()
                .overridden_by(replies.unwrap_or_default())
        });
        &BUILTIN
    }

    /// Reads a table of providers, of replies, or of both.
    ///
    /// # Errors
    /// If it is no TOML, has a key that is not known, names that are too long or empty, or a reply that would fit everything; the sentence says where.
    pub fn read(toml: &str) -> Result<Self, String> {
        let file: File = toml::from_str(toml).map_err(|error| error.to_string())?;
        let mut knowledge = Self::default();
        for entry in file.provider {
            let name = SafeText::from(entry.name);
            if name.is_empty() || name.width() > 12 {
                return Err(format!(
                    "the provider name \"{name}\" must have 1 to 12 columns"
                ));
            }
            // Tables are read once at start and providers are used until the end, therefore the few names are never given back.
            let provider = Provider(Box::leak(name.as_str().into()));
            for (texts, map) in [
                (entry.mx, &mut knowledge.hosts),
                (entry.domains, &mut knowledge.domains),
            ] {
                for text in texts {
                    map.insert(checked(&text, provider)?, provider);
                }
            }
        }
        for entry in file.reply {
            knowledge.replies.push(entry.try_into()?);
        }
        Ok(knowledge)
    }

    /// This knowledge with what the other says instead, where both say something: the other's replies are tried first.
    pub fn overridden_by(mut self, mut other: Self) -> Self {
        self.hosts.extend(other.hosts);
        self.domains.extend(other.domains);
        other.replies.append(&mut self.replies);
        self.replies = other.replies;
        self
    }

    /// What is known of a reply. Without a provider only words tell whose reply it is; [`Reason::reply`] takes the provider of the host that the text names.
    pub fn reply(&self, provider: Option<Provider>, reason: &Reason) -> Option<&Reply> {
        // That no table knows the host says nothing about whose words it repeats.
        let provider = provider.filter(|provider| *provider != Provider::OTHER);
        let asked = replies::Asked::new(provider, reason);
        self.replies.iter().find(|reply| reply.fits(&asked))
    }

    /// The provider of a relay, by its host name; the longest suffix wins. A final dot does not matter.
    pub fn provider_of_relay(&self, host: &[u8]) -> Option<Provider> {
        let host = lower(host)?;
        let mut rest: &str = host.strip_suffix('.').unwrap_or(&host);
        loop {
            if let Some(provider) = self.hosts.get(rest) {
                return Some(*provider);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// The provider of a recipient domain that is known without a relay. Subdomains do not count.
    pub fn provider_of_domain(&self, domain: &[u8]) -> Option<Provider> {
        self.domains.get(&*lower(domain)?).copied()
    }
}

/// The name in small letters, if it could be one of the DNS.
fn lower(name: &[u8]) -> Option<String> {
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    std::str::from_utf8(name).ok().map(str::to_ascii_lowercase)
}

fn checked(text: &str, provider: Provider) -> Result<Box<str>, String> {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if text.contains('.') && text.len() <= LONGEST && text.split('.').all(label) {
        Ok(text.to_ascii_lowercase().into())
    } else {
        Err(format!(
            "provider {provider}: \"{}\" is not a host name; write it like \"mx.example.net\"",
            SafeText::from(text)
        ))
    }
}
