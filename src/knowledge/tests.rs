//! Every entry is found, and nothing that only looks like one.

mod replies;

use proptest::prelude::*;

use super::*;

fn relay(host: &str) -> Option<&'static str> {
    Knowledge::builtin()
        .provider_of_relay(host.as_bytes())
        .map(Provider::name)
}

#[test]
fn the_builtin_table_can_be_read_and_says_nothing_twice() {
    let toml = include_str!("providers.toml");
    let file: File = toml::from_str(toml).unwrap();
    let read = Knowledge::read(toml).unwrap();
    assert_eq!(read.hosts, Knowledge::builtin().hosts);
    assert_eq!(read.domains, Knowledge::builtin().domains);
    assert!(file.provider.len() >= 25);
    assert_eq!(
        file.provider.iter().map(|e| e.mx.len()).sum::<usize>(),
        read.hosts.len(),
        "a suffix stands twice"
    );
    assert_eq!(
        file.provider.iter().map(|e| e.domains.len()).sum::<usize>(),
        read.domains.len(),
        "a domain stands twice"
    );
    assert_eq!(
        toml.matches("[[provider]] # [").count(),
        file.provider.len(),
        "each entry says where it comes from"
    );
}

#[test]
fn each_entry_matches_itself_and_hosts_below_and_no_look_alike() {
    let file: File = toml::from_str(include_str!("providers.toml")).unwrap();
    for entry in file.provider {
        let name = Some(entry.name.as_str());
        for mx in entry.mx {
            assert_eq!(relay(&mx), name);
            assert_eq!(relay(&format!("a.b-1.{mx}")), name);
            assert_eq!(relay(&format!("A.{}.", mx.to_uppercase())), name);
            assert_ne!(relay(&format!("not{mx}")), name, "not{mx}");
            assert_eq!(relay(&format!("{mx}.evil.example")), None);
            assert_eq!(relay(&format!("{mx}-evil.example")), None);
        }
        for domain in entry.domains {
            let knowledge = Knowledge::builtin();
            assert_eq!(
                knowledge
                    .provider_of_domain(domain.to_uppercase().as_bytes())
                    .map(Provider::name),
                name
            );
            assert_eq!(
                knowledge.provider_of_domain(format!("sub.{domain}").as_bytes()),
                None
            );
        }
    }
}

#[test]
fn hosts_as_they_stand_in_logs() {
    for (host, provider) in [
        ("gmail-smtp-in.l.google.com", Some("Google")),
        ("alt4.aspmx.l.google.com", Some("Google")),
        ("aspmx3.googlemail.com", Some("Google")),
        ("mta5.am0.yahoodns.net", Some("Yahoo/AOL")),
        ("mx1.mail.yahoo.co.jp", Some("Yahoo Japan")),
        ("outlook-com.olc.protection.outlook.com", Some("Outlook")),
        (
            "contoso-example.mail.protection.outlook.com",
            Some("Microsoft"),
        ),
        ("contoso-example.j-v1.mx.microsoft", Some("Microsoft")),
        ("mx01.mail.icloud.com", Some("Apple")),
        ("mxa-00123401.gslb.pphosted.com", Some("Proofpoint")),
        ("eu-smtp-inbound-1.mimecast.com", Some("Mimecast")),
        ("mx00.emig.gmx.net", Some("GMX/web.de")),
        ("in1-smtp.messagingengine.com", Some("Fastmail")),
        ("notgoogle.com", None),
        ("google.com.evil.example", None),
        ("google.com..", None),
        ("protection.outlook.com", None),
        ("com", None),
        (".", None),
        ("..google.com", Some("Google")),
        ("", None),
        ("mx.example.org", None),
        ("google.com\u{0}", None),
        ("gооgle.com", None),
    ] {
        assert_eq!(relay(host), provider, "{host}");
    }
}

#[test]
fn hostile_names() {
    let knowledge = Knowledge::builtin();
    assert_eq!(
        knowledge.provider_of_relay(b"\xff.google.com"),
        None,
        "no UTF-8, no host"
    );
    assert_eq!(
        knowledge.provider_of_relay(format!("{}google.com", "a.".repeat(200)).as_bytes()),
        None,
        "too long for the DNS"
    );
    assert_eq!(knowledge.provider_of_relay(&vec![b'.'; 1 << 20]), None);
}

#[test]
fn names_fit_the_column_and_are_safe() {
    let knowledge = Knowledge::builtin();
    for provider in knowledge.hosts.values() {
        assert!((1..=12).contains(&SafeText::from(provider.name()).width()));
        assert_eq!(SafeText::from(provider.name()).as_str(), provider.name());
    }
}

#[test]
fn an_override_adds_and_replaces() {
    let own = Knowledge::read(
        "[[provider]]\nname = \"Us\"\nmx = [\"mx.google.com\", \"mx.us.example\"]\n",
    )
    .unwrap();
    let both = Knowledge::builtin().clone().overridden_by(own);
    let name = |host: &[u8]| both.provider_of_relay(host).map(Provider::name);
    assert_eq!(name(b"mx.google.com"), Some("Us"));
    assert_eq!(name(b"aspmx.l.google.com"), Some("Google"));
    assert_eq!(name(b"mx.us.example"), Some("Us"));
}

#[test]
fn a_wrong_table_is_refused_with_a_sentence() {
    let error = |toml: &str| Knowledge::read(toml).unwrap_err();
    assert!(error("[[provider]]\nname = \"x\"\nmxx = []").contains("mxx"));
    assert!(error("[[provider]]\nname = \"much too long a name\"").contains("1 to 12 columns"));
    assert!(
        error("[[provider]]\nname = \"x\"\nmx = [\"com\"]").contains("is not a host name"),
        "a top-level domain would match half the world"
    );
    assert!(
        error("[[provider]]\nname = \"x\"\nmx = [\".google.com\"]").contains("is not a host name")
    );
    assert!(
        error("[[provider]]\nname = \"x\"\nmx = [\"a\\u001b.b\"]").contains("\\x1b"),
        "and the sentence is safe"
    );
}

proptest! {
    #[test]
    fn any_bytes_return(host in proptest::collection::vec(any::<u8>(), 0..300)) {
        let knowledge = Knowledge::builtin();
        prop_assert_eq!(knowledge.provider_of_domain(&host), None);
        knowledge.provider_of_relay(&host);
    }
}
