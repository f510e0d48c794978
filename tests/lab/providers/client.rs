//! The client's side of SMTP (RFC 5321, AUTH PLAIN of RFC 4954) and of an IMAP login (RFC 3501), as far as the lab needs them.
//!
//! In: what to say. Out: whether it was accepted. A session says goodbye when it is dropped. No TLS, no pipelining.

use anyhow::{Context, bail};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a reply may take; Dovecot delays those to failed logins, up to 15 s.
const PATIENCE: Duration = Duration::from_mins(2);

/// An open SMTP session.
pub struct Smtp(Lines);

impl Smtp {
    /// Connects and says EHLO.
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let mut smtp = Self(Lines::open(address)?);
        smtp.expect(220)?;
        smtp.command("EHLO web1.shop.example\r\n", 250)?;
        Ok(smtp)
    }

    /// Logs in; false when refused.
    pub fn login(&mut self, user: &str, password: &str) -> anyhow::Result<bool> {
        let response = base64(format!("\0{user}\0{password}").as_bytes());
        self.0.say(&format!("AUTH PLAIN {response}\r\n"))?;
        match self.reply()? {
            (235, _) => Ok(true),
            (535, _) => Ok(false),
            (_, text) => bail!("AUTH was answered by {text}"),
        }
    }

    /// Hands over a message; false when the recipient is refused for good.
    pub fn deliver(
        &mut self,
        sender: &str,
        rcpt: &str,
        message: impl FnOnce() -> String,
    ) -> anyhow::Result<bool> {
        self.command(&format!("MAIL FROM:<{sender}>\r\n"), 250)?;
        self.0.say(&format!("RCPT TO:<{rcpt}>\r\n"))?;
        let (code, text) = self.reply()?;
        if code != 250 {
            anyhow::ensure!(code >= 500, "RCPT TO was answered by {text}");
            self.command("RSET\r\n", 250)?;
            return Ok(false);
        }
        self.command("DATA\r\n", 354)?;
        self.command(&message(), 250)?;
        Ok(true)
    }

    fn command(&mut self, text: &str, code: u16) -> anyhow::Result<()> {
        self.0.say(text)?;
        self.expect(code)
    }

    fn expect(&mut self, code: u16) -> anyhow::Result<()> {
        match self.reply()? {
            (got, _) if got == code => Ok(()),
            (_, text) => bail!("wanted {code}, got {text}"),
        }
    }

    fn reply(&mut self) -> anyhow::Result<(u16, String)> {
        loop {
            let line = self.0.line()?;
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line.get(..3).and_then(|code| code.parse().ok());
                return Ok((code.context("no reply code")?, line));
            }
        }
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        // Nothing is lost when the server is gone already.
        let _ = self.0.say("QUIT\r\n").and_then(|()| self.reply().map(drop));
    }
}

/// Logs in to IMAP and out again; false when the login was refused.
pub fn imap(address: SocketAddr, user: &str, password: &str) -> anyhow::Result<bool> {
    let mut lines = Lines::open(address)?;
    lines.say(&format!("a LOGIN {user} {password}\r\n"))?;
    let accepted = loop {
        let line = lines.line()?;
        if let Some(said) = line.strip_prefix("a ") {
            break said.starts_with("OK");
        }
    };
    lines.say("b LOGOUT\r\n")?;
    while !lines.line()?.starts_with("b ") {}
    Ok(accepted)
}

struct Lines(BufReader<TcpStream>);

impl Lines {
    fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.0.get_mut().write_all(text.as_bytes())?)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        anyhow::ensure!(
            self.0.read_line(&mut line)? > 0,
            "the server closed the connection"
        );
        Ok(line.trim_end().to_owned())
    }
}

/// RFC 4648 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk
            .iter()
            .fold(0_u32, |value, byte| value << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET
                .get((value >> (18 - 6 * place) & 63) as usize)
                .copied()
                .unwrap_or(b'=');
            text.push(if place <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_pads_as_the_rfc_shows() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in pairs {
            assert_eq!(super::base64(plain.as_bytes()), encoded);
        }
    }
}
