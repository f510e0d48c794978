//! What taking a reply text apart costs: `Reason::new` over the texts that a busy relay logs.
//!
//! `cargo bench --bench reasons`. The target is 1.5 µs a text, since every deferred line pays it. Best of many short rounds, because other programs only ever add.

use mailtop::model::reasons::Reason;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const TEXTS: [&str; 10] = [
    "host mta5.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes (in reply to MAIL FROM command)",
    "host aspmx.l.google.com[203.0.113.9] said: 421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating 421-4.7.28 from your IP address [192.0.2.25]. To protect our users from 421-4.7.28 spam, mail sent from your IP address has been temporarily rate 421-4.7.28 limited. For more information, go to 421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError a640c23a62f3a-a9f0a0b1c2dsi123456366b.12 - gsmtp (in reply to end of DATA command)",
    "delivery temporarily suspended: connect to dead.example[192.0.2.1]:25: Connection timed out",
    "connect to mx.d.example[2001:db8::25]:25: Network is unreachable",
    "host mx1.d.example[192.0.2.25] said: 450 4.2.0 <ann@d.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/d.example.html (in reply to RCPT TO command)",
    "host mx1.d.example[192.0.2.25] said: 452 4.2.2 <ann@d.example> Mailbox is over quota 8f3a2b71c09d-17 (in reply to RCPT TO command)",
    "Host or domain name not found. Name service error for name=d.example type=MX: Host not found, try again",
    "host mxa.pphosted.com[203.0.113.7] refused to talk to me: 554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.25",
    "lost connection with mx.d.example[192.0.2.25] while performing the EHLO handshake",
    "host outlook-com.olc.protection.outlook.com[203.0.113.8] said: 451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775) [BN8NAM12FT0123.eop-nam12.prod.protection.outlook.com 2026-11-24T09:12:33.123Z 08DD0A1B2C3D4E5F] (in reply to MAIL FROM command)",
];

fn main() {
    for text in TEXTS {
        let text: Arc<str> = text.into();
        let nanoseconds = best(|| {
            black_box(Reason::new(black_box(Arc::clone(&text))));
        });
        println!(
            "Reason::new {nanoseconds:>6.0} ns  {:>3} bytes  {}",
            text.len(),
            Reason::new(Arc::clone(&text)).fold
        );
    }
}

/// Nanoseconds of one call, in the best of many rounds, each shorter than the time that a busy machine leaves a program alone.
fn best(mut call: impl FnMut()) -> f64 {
    const CALLS: u32 = 200;
    (0..1_000)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            start.elapsed().as_nanos() as f64 / f64::from(CALLS)
        })
        .fold(f64::INFINITY, f64::min)
}
