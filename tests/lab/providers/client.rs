//! The client's side of SMTP (RFC 5321, AUTH PLAIN of RFC 4954) and of an IMAP login (RFC 3501), as far as the lab needs them.
//!
//! In: what to say. Out: whether it was accepted. A session says goodbye when it is dropped. No pipelining.

use crate::line::Lines;
use anyhow::{Context, bail};
use std::net::{IpAddr, SocketAddr};

/// An open SMTP session.
pub struct Smtp(Lines);

impl Smtp {
    /// Connects and says EHLO.
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Self::open_from(address, None, "web1.shop.example", false)
    }

    /// Connects from an address, says EHLO with a name, and starts TLS if asked to (RFC 3207).
    pub fn open_from(
        address: SocketAddr,
        from: Option<IpAddr>,
        name: &str,
        tls: bool,
    ) -> anyhow::Result<Self> {
        let mut smtp = Self(Lines::open(address, from)?);
        smtp.expect(220)?;
        smtp.command(&format!("EHLO {name}\r\n"), 250)?;
        if tls {
            smtp.command("STARTTLS\r\n", 220)?;
            smtp.0.start_tls()?;
            smtp.command(&format!("EHLO {name}\r\n"), 250)?;
        }
        Ok(smtp)
    }

    /// Says a line and listens once, whatever the answer.
    pub fn ask(&mut self, line: &str) -> anyhow::Result<u16> {
        self.0.say(&format!("{line}\r\n"))?;
        Ok(self.reply()?.0)
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
        self.deliver_to(sender, &[rcpt.to_owned()], message)
    }

    /// Hands over a message to several; false when the last recipient is refused for good.
    pub fn deliver_to(
        &mut self,
        sender: &str,
        rcpts: &[String],
        message: impl FnOnce() -> String,
    ) -> anyhow::Result<bool> {
        self.command(&format!("MAIL FROM:<{sender}>\r\n"), 250)?;
        for rcpt in rcpts {
            self.0.say(&format!("RCPT TO:<{rcpt}>\r\n"))?;
            let (code, text) = self.reply()?;
            if code != 250 {
                anyhow::ensure!(code >= 500, "RCPT TO was answered by {text}");
                self.command("RSET\r\n", 250)?;
                return Ok(false);
            }
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
    let mut lines = Lines::open(address, None)?;
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

/// An open session of IMAP or POP3, in TLS from its first byte (RFC 8314).
pub struct Mailbox {
    lines: Lines,
    pop: bool,
}

impl Mailbox {
    /// Connects from an address and logs in; `None` when the login was refused.
    pub fn open(
        address: SocketAddr,
        from: IpAddr,
        pop: bool,
        user: &str,
        password: &str,
    ) -> anyhow::Result<Option<Self>> {
        let mut lines = Lines::open(address, Some(from))?;
        lines.start_tls()?;
        let mut mailbox = Self { lines, pop };
        mailbox.lines.line()?;
        let accepted = if pop {
            mailbox.lines.say(&format!("USER {user}\r\n"))?;
            mailbox.lines.line()?;
            mailbox.lines.say(&format!("PASS {password}\r\n"))?;
            mailbox.lines.line()?.starts_with("+OK")
        } else {
            mailbox.ask(&format!("LOGIN {user} {password}"))?
        };
        if !accepted {
            mailbox.bye();
            return Ok(None);
        }
        Ok(Some(mailbox))
    }

    /// Looks into the mailbox; a few octets go over the line.
    pub fn look(&mut self) -> anyhow::Result<()> {
        if self.pop {
            self.lines.say("STAT\r\n")?;
            self.lines.line()?;
        } else {
            self.ask("SELECT INBOX")?;
        }
        Ok(())
    }

    /// Says goodbye.
    pub fn bye(mut self) {
        let last = if self.pop { "QUIT\r\n" } else { "z LOGOUT\r\n" };
        if self.lines.say(last).is_ok() {
            while self.lines.line().is_ok() {}
        }
    }

    fn ask(&mut self, command: &str) -> anyhow::Result<bool> {
        self.lines.say(&format!("a {command}\r\n"))?;
        loop {
            if let Some(said) = self.lines.line()?.strip_prefix("a ") {
                return Ok(said.starts_with("OK"));
            }
        }
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
