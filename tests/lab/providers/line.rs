//! A connection of the lab's clients, a line at a time: from an address of choice, with or without TLS.
//!
//! Certificates are not checked: the lab makes its own, and everything happens on one machine.

use anyhow::Context;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// How long a reply may take; Dovecot delays those to failed logins, up to 15 s.
const PATIENCE: Duration = Duration::from_mins(2);

enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
    Gone,
}

/// An open connection.
pub struct Lines {
    link: Link,
    unread: Vec<u8>,
}

impl Lines {
    /// Connects to `address`, from `from` or from wherever the system likes.
    pub fn open(address: SocketAddr, from: Option<IpAddr>) -> anyhow::Result<Self> {
        let stream = match from {
            None => TcpStream::connect(address)?,
            Some(from) => bound(address, from)
                .with_context(|| format!("cannot connect to {address} from {from}"))?,
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            link: Link::Plain(stream),
            unread: Vec::new(),
        })
    }

    /// Starts TLS on the connection.
    pub fn start_tls(&mut self) -> anyhow::Result<()> {
        static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
            let config = ClientConfig::builder()
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anybody(ring::default_provider())))
                .with_no_client_auth();
            Arc::new(config)
        });
        let name = ServerName::try_from("mx.tls.example")?;
        let connection = ClientConnection::new(Arc::clone(&CONFIG), name)?;
        if let Link::Plain(stream) = std::mem::replace(&mut self.link, Link::Gone) {
            self.link = Link::Tls(Box::new(StreamOwned::new(connection, stream)));
        }
        Ok(())
    }

    /// Sends a text as it is.
    pub fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(match &mut self.link {
            Link::Plain(stream) => stream.write_all(text.as_bytes()),
            Link::Tls(stream) => stream
                .write_all(text.as_bytes())
                .and_then(|()| stream.flush()),
            Link::Gone => Err(io::ErrorKind::NotConnected.into()),
        }?)
    }

    /// The next line without its end.
    pub fn line(&mut self) -> anyhow::Result<String> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.unread) {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            let mut chunk = [0; 4096];
            let read = match &mut self.link {
                Link::Plain(stream) => stream.read(&mut chunk)?,
                Link::Tls(stream) => stream.read(&mut chunk)?,
                Link::Gone => 0,
            };
            anyhow::ensure!(read > 0, "the server closed the connection");
            self.unread
                .extend_from_slice(chunk.get(..read).unwrap_or_default());
        }
    }
}

fn bound(address: SocketAddr, from: IpAddr) -> io::Result<TcpStream> {
    let family = if from.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = socket(family, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddr::new(from, 0))?;
    connect(&socket, &address)?;
    Ok(TcpStream::from(socket))
}

#[derive(Debug)]
struct Anybody(CryptoProvider);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
