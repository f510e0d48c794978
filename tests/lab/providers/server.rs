//! The listeners of the providers: one per MX host, on its own loopback address, one thread per connection.
//!
//! A host that `drops` has a socket whose queue of waiting connections this process fills up itself, so that the kernel answers
//! no further attempt: that is how a time-out looks on loopback, without a packet filter.

use crate::dns;
use crate::moods::Moods;
use crate::script::{Listens, Script};
use crate::session::{Session, Shared};
use anyhow::Context;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Duration;

/// Listens for all hosts of the script and serves until the process is ended. Writes `providers.ready` into `dir` when every
/// listener is there. With `far` every reply takes as long as from a real provider.
pub fn serve(
    script: Script,
    dir: &Path,
    network: &str,
    port: u16,
    far: bool,
) -> anyhow::Result<()> {
    let shared = Arc::new(Shared {
        moods: Moods::in_lab(dir),
        seen: crate::script::Seen::default(),
        tls: tls(dir)?,
        ids: AtomicU64::new(1),
        far,
    });
    let script = Arc::new(script);
    let mut dropping = Vec::new();
    for provider in 0..script.providers.len() {
        let Some(known) = script.providers.get(provider) else {
            continue;
        };
        for (host, of_host) in known.hosts.iter().enumerate() {
            let address = SocketAddr::new(dns::address(network, &of_host.address)?.into(), port);
            if of_host.listens == Listens::Refuses {
                continue;
            }
            let listener = TcpListener::bind(address)
                .with_context(|| format!("cannot listen on {address}"))?;
            if of_host.listens == Listens::Drops {
                dropping.push(fill(listener)?);
            } else {
                let (script, shared) = (Arc::clone(&script), Arc::clone(&shared));
                thread::spawn(move || accept(&listener, &script, provider, host, &shared));
            }
        }
    }
    std::fs::write(
        dir.join("providers.ready"),
        format!("{}\n", std::process::id()),
    )?;
    loop {
        thread::park();
    }
}

fn accept(
    listener: &TcpListener,
    script: &Arc<Script>,
    provider: usize,
    host: usize,
    shared: &Arc<Shared>,
) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            // Out of descriptors: let some sessions end.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let (script, shared) = (Arc::clone(script), Arc::clone(shared));
        let session = move || {
            let provider = script.providers.get(provider)?;
            let host = provider.hosts.get(host)?;
            // A client that goes away in the middle is an ordinary end.
            Session::new(stream, provider, &host.name, &shared)
                .run()
                .ok()
        };
        if thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(session)
            .is_err()
        {
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A listener whose waiting room is full.
struct Full {
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

fn fill(listener: TcpListener) -> anyhow::Result<Full> {
    let address = listener.local_addr()?;
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        waiting.push(stream);
        anyhow::ensure!(
            waiting.len() < 10_000,
            "{address} goes on taking connections"
        );
    }
    Ok(Full {
        _listener: listener,
        _waiting: waiting,
    })
}

fn tls(dir: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let certificate = CertificateDer::from_pem_file(dir.join("tls/certificate.pem"))?;
    let key = PrivateKeyDer::from_pem_file(dir.join("tls/key.pem"))?;
    Ok(Arc::new(
        ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?,
    ))
}
