//! One SMTP session of a provider (RFC 5321), with PIPELINING and, where the script says so, STARTTLS (RFC 3207).
//!
//! In: a connection, the provider and its mood. Out: replies. The message itself is read and forgotten. Only what Postfix's
//! smtp(8) says is understood; there is no AUTH, no BDAT and no size check.

use crate::moods::Moods;
use crate::script::{Answer, Provider, Seen, Stage, Transaction};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The address that the providers claim to see; one of RFC 5737.
const CLIENT: &str = "192.0.2.25";
/// How long an idle client may stay.
const IDLE: Duration = Duration::from_mins(10);

/// What all sessions of the process share.
pub struct Shared {
    /// The moods of the providers.
    pub moods: Moods,
    /// Greylisted pairs.
    pub seen: Seen,
    /// Key and certificate.
    pub tls: Arc<ServerConfig>,
    /// Numbers the `{id}`s.
    pub ids: AtomicU64,
    /// Whether replies take as long as over the real distance.
    pub far: bool,
}

enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Link {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(into),
            Self::Tls(stream) => stream.read(into),
        }
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(text),
            Self::Tls(stream) => stream.write_all(text).and_then(|()| stream.flush()),
        }
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

/// A session in progress.
pub struct Session<'a> {
    link: Option<Link>,
    unread: Vec<u8>,
    provider: &'a Provider,
    host: &'a str,
    shared: &'a Shared,
    mood: String,
    about: Transaction,
    accepted: usize,
}

/// Whether the session goes on.
#[derive(PartialEq, Eq)]
enum Then {
    Next,
    Close,
}

/// What a command came to at a scripted stage.
enum Said {
    /// No rule spoke.
    Usual,
    /// A rule replied.
    Refused(Then),
}

impl<'a> Session<'a> {
    /// A session of `provider` as its host `host`.
    pub fn new(
        stream: TcpStream,
        provider: &'a Provider,
        host: &'a str,
        shared: &'a Shared,
    ) -> Self {
        Self {
            link: Some(Link::Plain(stream)),
            unread: Vec::new(),
            provider,
            host,
            shared,
            mood: shared.moods.of(&provider.name),
            about: Transaction::default(),
            accepted: 0,
        }
    }

    /// Runs the session to its end.
    pub fn run(mut self) -> io::Result<()> {
        self.link()?.socket().set_read_timeout(Some(IDLE))?;
        self.link()?.socket().set_nodelay(true)?;
        if let Said::Refused(_) = self.scripted(Stage::Connect)? {
            return self.close();
        }
        let greeting = self.provider.greeting.clone();
        self.say(&[greeting])?;
        while let Some(line) = self.line()? {
            if self.command(&line)? == Then::Close {
                return self.close();
            }
        }
        Ok(())
    }

    fn command(&mut self, line: &str) -> io::Result<Then> {
        let upper = line.to_ascii_uppercase();
        if upper.starts_with("EHLO") {
            self.say_ehlo()?;
        } else if upper.starts_with("HELO") {
            self.say_text(&format!("250 {}", self.host))?;
        } else if upper.starts_with("MAIL FROM:") {
            self.mood = self.shared.moods.of(&self.provider.name);
            self.accepted = 0;
            self.about.sender = address_in(line);
            self.about.rcpt.clear();
            return self.scripted_or(Stage::Mail, "250 2.1.0 Ok");
        } else if upper.starts_with("RCPT TO:") {
            self.about.rcpt = address_in(line);
            match self.scripted(Stage::Rcpt)? {
                Said::Refused(then) => return Ok(then),
                Said::Usual => {
                    self.accepted += 1;
                    self.say_text("250 2.1.5 Ok")?;
                }
            }
        } else if upper.starts_with("DATA") {
            return self.message();
        } else if upper.starts_with("STARTTLS") && self.provider.starttls && !self.about.tls {
            self.start_tls()?;
        } else if upper.starts_with("RSET") || upper.starts_with("NOOP") {
            self.say_text("250 2.0.0 Ok")?;
        } else if upper.starts_with("QUIT") {
            self.say_text("221 2.0.0 Bye")?;
            return Ok(Then::Close);
        } else {
            self.say_text("502 5.5.2 Error: command not recognized")?;
        }
        Ok(Then::Next)
    }

    fn say_ehlo(&mut self) -> io::Result<()> {
        let mut lines = vec![
            format!("250-{}", self.host),
            "250-PIPELINING".to_owned(),
            "250-SIZE 157286400".to_owned(),
        ];
        if self.provider.starttls && !self.about.tls {
            lines.push("250-STARTTLS".to_owned());
        }
        lines.push("250-ENHANCEDSTATUSCODES".to_owned());
        lines.push("250 8BITMIME".to_owned());
        self.say(&lines)
    }

    fn message(&mut self) -> io::Result<Then> {
        if self.accepted == 0 {
            self.say_text("554 5.5.1 Error: no valid recipients")?;
            return Ok(Then::Next);
        }
        self.say_text("354 Go ahead")?;
        loop {
            match self.line()? {
                Some(line) if line == "." => break,
                Some(_) => {}
                None => return Ok(Then::Close),
            }
        }
        let accepted = self.provider.accepted.clone();
        self.scripted_or(Stage::Dot, &accepted)
    }

    fn start_tls(&mut self) -> io::Result<()> {
        self.say_text("220 2.0.0 Ready to start TLS")?;
        let connection =
            ServerConnection::new(Arc::clone(&self.shared.tls)).map_err(io::Error::other)?;
        if let Some(Link::Plain(stream)) = self.link.take() {
            self.link = Some(Link::Tls(Box::new(StreamOwned::new(connection, stream))));
        }
        self.about.tls = true;
        Ok(())
    }

    fn scripted_or(&mut self, stage: Stage, usual: &str) -> io::Result<Then> {
        match self.scripted(stage)? {
            Said::Refused(then) => Ok(then),
            Said::Usual => {
                self.say_text(usual)?;
                Ok(Then::Next)
            }
        }
    }

    fn scripted(&mut self, stage: Stage) -> io::Result<Said> {
        match self
            .provider
            .answer(&self.mood, stage, &self.about, &self.shared.seen)
        {
            None => Ok(Said::Usual),
            Some(Answer::Hang) => {
                // Silence until the client gives up.
                while self.line()?.is_some() {}
                Ok(Said::Refused(Then::Close))
            }
            Some(Answer::Lines { lines, after }) => {
                std::thread::sleep(after);
                self.say(&lines)?;
                let closes = lines.first().is_some_and(|line| line.starts_with("421"));
                Ok(Said::Refused(if closes { Then::Close } else { Then::Next }))
            }
        }
    }

    fn say_text(&mut self, line: &str) -> io::Result<()> {
        self.say(&[line.to_owned()])
    }

    fn say(&mut self, lines: &[String]) -> io::Result<()> {
        let lot = (self.shared.ids.fetch_add(1, Ordering::Relaxed)).wrapping_mul(2_654_435_761);
        let wait = self.provider.wait(lot as u32, self.shared.far);
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        let id = format!("{:08x}", lot as u32);
        let mut text = lines
            .join("\r\n")
            .replace("{host}", self.host)
            .replace("{client}", CLIENT)
            .replace("{sender}", &self.about.sender)
            .replace("{rcpt}", &self.about.rcpt)
            .replace("{id}", &id);
        text.push_str("\r\n");
        self.link()?.write(text.as_bytes())
    }

    /// The next line without its end; `None` when the client is gone.
    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.unread) {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            let mut chunk = [0; 8192];
            let read = self.link()?.read(&mut chunk)?;
            if read == 0 {
                return Ok(None);
            }
            self.unread
                .extend_from_slice(chunk.get(..read).unwrap_or_default());
        }
    }

    /// Ends the sending side first and reads what is still on its way: a reset would make the client lose the last reply.
    fn close(mut self) -> io::Result<()> {
        let socket = self.link()?.socket();
        socket.shutdown(Shutdown::Write)?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut socket = socket.try_clone()?;
        io::copy(&mut socket, &mut io::sink()).map(drop)
    }

    fn link(&mut self) -> io::Result<&mut Link> {
        self.link
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

/// The address between the angle brackets of MAIL or RCPT.
fn address_in(line: &str) -> String {
    let after = line.split_once('<').map_or("", |(_, after)| after);
    after
        .split_once('>')
        .map_or(after, |(address, _)| address)
        .to_owned()
}
