//! The mailbox providers of the lab, and the mail that is sent to them: Google, Microsoft, Yahoo and others on loopback.
//!
//! `serve` plays them, `dns` prints their names and addresses for dnsmasq, `mood` changes how they feel, `traffic` sends mail
//! through the lab's submission port. Started by the scripts next to this directory; see the README there. Texts, percentages
//! and weights are in `providers.toml` and `mixes.toml`. It checks nothing of what it is sent and is no mail server.

mod age;
mod client;
mod dns;
mod evening;
mod line;
mod mix;
mod moods;
mod noise;
mod schedule;
mod script;
mod server;
mod session;
mod traffic;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(about = "Mailbox providers on loopback, and mail for them")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Plays the providers until it is ended.
    Serve {
        /// The script of the providers.
        #[arg(long)]
        script: PathBuf,
        /// The lab's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The first two octets of the lab's addresses.
        #[arg(long)]
        network: String,
        /// Replies take as long as from the real providers.
        #[arg(long)]
        far: bool,
        /// The port that smtp(8) connects to.
        #[arg(long)]
        port: u16,
    },
    /// Prints the configuration of dnsmasq.
    Dns {
        /// The script of the providers.
        #[arg(long)]
        script: PathBuf,
        /// The first two octets of the lab's addresses.
        #[arg(long)]
        network: String,
    },
    /// Sets the mood of a provider: healthy, incident.
    Mood {
        /// The lab's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The script of the providers.
        #[arg(long)]
        script: PathBuf,
        /// The provider.
        provider: String,
        /// The mood.
        mood: String,
    },
    /// Sends mail.
    Traffic {
        /// How many messages.
        count: usize,
        /// The lab's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The mixes.
        #[arg(long)]
        mixes: PathBuf,
        /// The submission port.
        #[arg(long)]
        submission: SocketAddr,
        /// The port for mail from outside.
        #[arg(long)]
        smtp: SocketAddr,
        /// Dovecot's port.
        #[arg(long)]
        imap: SocketAddr,
        /// Spread over so many seconds; 0: as fast as possible.
        #[arg(long, default_value_t = 0.0)]
        seconds: f64,
        /// Which mix.
        #[arg(long, default_value = "shop")]
        mix: String,
        /// Only to these addresses, one after the other, in place of the mix's recipients.
        #[arg(long)]
        to: Vec<String>,
        /// Only from this sender of the mix.
        #[arg(long)]
        from: Option<String>,
        /// What happens meanwhile.
        #[arg(long, default_value = "calm")]
        profile: Profile,
        /// The incident starts after so many seconds; default: a third of the time.
        #[arg(long)]
        after: Option<f64>,
    },
    /// Plays the schedule of an evening.
    Evening {
        /// The lab's directory.
        #[arg(long)]
        dir: PathBuf,
        /// The schedule.
        #[arg(long)]
        schedule: PathBuf,
        /// The mail server's address.
        #[arg(long)]
        server: IpAddr,
        /// The schedule is stretched or shrunk to so many minutes.
        #[arg(long)]
        minutes: Option<f64>,
    },
    /// Makes what is deferred older than it is: the messages' arrival is set back.
    Age {
        /// The queue directory.
        #[arg(long)]
        queue: PathBuf,
        /// By so many hours, one message after the other, again from the first.
        #[arg(required = true)]
        hours: Vec<f64>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// The providers keep the mood they have.
    Calm,
    /// Yahoo defers everything from then on.
    Incident,
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab-providers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Serve {
            script,
            dir,
            network,
            far,
            port,
        } => server::serve(read_script(&script)?, &dir, &network, port, far),
        Verb::Dns { script, network } => {
            print!("{}", dns::configuration(&read_script(&script)?, &network)?);
            Ok(())
        }
        Verb::Mood {
            dir,
            script,
            provider,
            mood,
        } => {
            let script = read_script(&script)?;
            let known = script.providers.iter().find(|known| known.name == provider);
            let moods = &known
                .with_context(|| format!("there is no provider {provider}"))?
                .moods;
            anyhow::ensure!(moods.contains_key(&mood), "{provider} has no mood {mood}");
            Ok(moods::Moods::in_lab(&dir).set(&provider, &mood)?)
        }
        Verb::Evening {
            dir,
            schedule,
            server,
            minutes,
        } => {
            let evening = schedule::Evening::read(&read(&schedule)?, minutes)?;
            let moods = moods::Moods::in_lab(&dir);
            println!(
                "{}",
                evening::play(&evening, evening::Server(server), &moods)?
            );
            Ok(())
        }
        Verb::Age { queue, hours } => {
            println!("{} messages are older now", age::set_back(&queue, &hours)?);
            Ok(())
        }
        Verb::Traffic {
            count,
            dir,
            mixes,
            submission,
            smtp,
            imap,
            seconds,
            mix,
            to,
            from,
            profile,
            after,
        } => {
            let after = Duration::try_from_secs_f64(after.unwrap_or(seconds / 3.0))?;
            let changes = match profile {
                Profile::Calm => Vec::new(),
                Profile::Incident => vec![(after, "yahoo".to_owned(), "incident".to_owned())],
            };
            let mix = mix::Mixes::find(&read(&mixes)?, &mix)?.narrowed(from.as_deref(), &to)?;
            let spread = Duration::try_from_secs_f64(seconds)?;
            report(
                &traffic::Plan {
                    ports: noise::Ports {
                        submission,
                        smtp,
                        imap,
                    },
                    mix,
                    count,
                    spread,
                    changes,
                },
                &moods::Moods::in_lab(&dir),
            )
        }
    }
}

fn report(plan: &traffic::Plan, moods: &moods::Moods) -> anyhow::Result<()> {
    let start = Instant::now();
    let sent = traffic::send(plan, moods)?;
    let took = start.elapsed().as_secs_f64();
    println!(
        "{} accepted, {} refused, {} failed in {took:.1} s ({:.0} messages/s)",
        sent.accepted,
        sent.refused,
        sent.failed,
        sent.accepted as f64 / took
    );
    match sent.first_failure {
        None => Ok(()),
        Some(why) => anyhow::bail!("the first failure: {why}"),
    }
}

fn read_script(path: &Path) -> anyhow::Result<script::Script> {
    script::Script::read(&read(path)?).with_context(|| format!("cannot use {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
