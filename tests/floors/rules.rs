//! The rules of the house: who may import whom, and what a file looks like.
//!
//! In: a path below the root of the repository and the text of that file. Out: a [`Complaint`] for each line that breaks a rule,
//! with the rule in one sentence. Nothing here reads a file. Tests may import what they like; their form is looked at too.

use crate::names::{Name, names};
use std::fmt;

/// Lines of a file that is not a test.
pub const LIMIT: usize = 500;
/// From here on a file is worth a second look.
pub const LONG: usize = 300;

/// The modules of the program on floors 1 to 4, by the first word below `src/`.
const FLOORS: [(usize, &[&str]); 4] = [
    (1, &["model", "knowledge", "safe_text", "numbers"]),
    (2, &["app", "views", "widgets", "theme", "reports"]),
    (3, &["sources", "actions", "terminal"]),
    (4, &["runtime", "commands", "cli", "main", "lib"]),
];
/// What floor 3 may know of `app`.
const ROAD: [&str; 3] = ["msg", "effect", "key"];
/// What widgets and the theme may name of the program.
const PICTURES: [&str; 4] = ["widgets", "theme", "safe_text", "numbers"];

const WORLD: &[&[&str]] = &[
    &["crossterm"],
    &["tokio"],
    &["notify"],
    &["sysinfo"],
    &["procfs"],
    &["rustix"],
    &["signal_hook"],
    &["std", "fs"],
    // Addresses are no network.
    &["std", "net", "TcpListener"],
    &["std", "net", "TcpStream"],
    &["std", "net", "UdpSocket"],
    &["std", "process"],
];
const CLOCKS: &[&[&str]] = &[
    &["Instant", "now"],
    &["Utc", "now"],
    &["Local", "now"],
    &["SystemTime"],
];

const HEADER: &str =
    "a file begins with a `//!` line that says what this is, after inner attributes at most";
const TOO_LONG: &str = "a file that is not a test has at most 500 lines: split it by subject";
const UNFINISHED: &str =
    "nothing waits to be done in a comment: do it, or write down the limit as it is";
const ALLOWED: &str =
    "an exemption from a lint is `#[expect(…, reason = \"…\")]`, never `#[allow(…)]`";
const SLEEPS: &str = "a test does not sleep; one that polls something outside says in a comment `// waits for: ` what, on the line or above it";
const HOMELESS: &str = "every module stands on a floor: give it one in tests/floors/rules.rs";
const UPWARDS: &str = "a floor imports only itself and the floors below it";
const EVERYTHING: &str = "a file names the module that it imports, not the whole crate";
const ROAD_ONLY: &str = "sources, actions and terminal know of app only msg, effect and key";
const PURE: &str = "parsers, model, knowledge and safe_text are pure: no files, processes, network, terminal, tokio, and no clock: time is an argument";
const NO_SCREEN: &str =
    "the model does not draw: no ratatui below app, views, widgets, theme and reports";
const UNWORLDLY: &str = "app, views, widgets, theme and reports are told of the world: no files, processes, network, crossterm, tokio, notify, and no clock: time is an argument";
const VIEWS_APART: &str =
    "views do not import each other: what two of them share stands in src/views.rs";
const NO_MAIL: &str = "widgets and theme know no mail: of the program they import only widgets, theme, safe_text and numbers";
const SHARED: &str = "no lock above the sources: nothing is shared, everything comes as a Msg";

/// One line that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What stands there.
    pub found: String,
    /// The rule.
    pub rule: &'static str,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            found,
            rule,
        } = self;
        write!(f, "{file}:{line}: {found}: {rule}")
    }
}

/// Whether the whole file is a test or serves one.
pub fn is_test(file: &str) -> bool {
    let below = |dir: &str| file.starts_with(dir) || file.contains(&format!("/{dir}"));
    below("tests/") || below("benches/") || file.ends_with("/tests.rs")
}

/// What is wrong with the file.
pub fn check(file: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Complaints {
        file,
        found: Vec::new(),
    };
    form(&mut complaints, text);
    match names(text, &module(file)) {
        Ok(names) => {
            lints_and_sleeps(&mut complaints, text, &names);
            if !is_test(file) {
                imports(&mut complaints, &names);
            }
        }
        Err(why) => complaints.add(1, why, HEADER),
    }
    complaints.found
}

struct Complaints<'a> {
    file: &'a str,
    found: Vec<Complaint>,
}

impl Complaints<'_> {
    fn add(&mut self, line: usize, found: String, rule: &'static str) {
        self.found.push(Complaint {
            file: self.file.to_owned(),
            line,
            found,
            rule,
        });
    }

    fn name(&mut self, name: &Name, rule: &'static str) {
        self.add(name.line, format!("`{}`", name.path.join("::")), rule);
    }
}

/// The module that a file is, from the root of its crate.
fn module(file: &str) -> Vec<String> {
    let inside = file.strip_prefix("parsers/").unwrap_or(file);
    let inside = inside.strip_prefix("src/").unwrap_or("");
    let parts = inside.trim_end_matches(".rs").split('/');
    parts
        .filter(|part| !["", "lib", "main"].contains(part))
        .map(str::to_owned)
        .collect()
}

fn form(complaints: &mut Complaints<'_>, text: &str) {
    let (at, first) = text
        .lines()
        .enumerate()
        .find(|(_, line)| !line.starts_with("#!["))
        .unwrap_or((0, ""));
    let says = first
        .strip_prefix("//! ")
        .is_some_and(|says| says.split_whitespace().count() > 2);
    if !says {
        complaints.add(at + 1, format!("`{first}`"), HEADER);
    }
    let lines = text.lines().count();
    if lines > LIMIT && !is_test(complaints.file) {
        complaints.add(lines, format!("{lines} lines"), TOO_LONG);
    }
    // In two parts, so that this file may be looked at too.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
    ];
    for (nth, line) in text.lines().enumerate() {
        if let Some(word) = words.iter().find(|word| line.contains(**word)) {
            complaints.add(nth + 1, format!("`{word}`"), UNFINISHED);
        }
    }
}

fn lints_and_sleeps(complaints: &mut Complaints<'_>, text: &str, names: &[Name]) {
    let lines: Vec<&str> = text.lines().collect();
    // The providers of the lab are no test: they sleep as real ones do.
    let program = complaints.file.starts_with("tests/lab/providers/");
    for name in names {
        if name.attribute && name.path == ["allow"] {
            complaints.name(name, ALLOWED);
        }
        let sleeps = name.has(&["thread", "sleep"]) || name.has(&["time", "sleep"]);
        let in_test = name.test || (is_test(complaints.file) && !program);
        if sleeps && in_test {
            let above = &lines[name.line.saturating_sub(2)..name.line];
            if !above.iter().any(|line| line.contains("// waits for: ")) {
                complaints.name(name, SLEEPS);
            }
        }
    }
}

fn imports(complaints: &mut Complaints<'_>, names: &[Name]) {
    let Some(floor) = floor_of(complaints.file) else {
        let found = complaints.file.to_owned();
        return complaints.add(1, found, HOMELESS);
    };
    let file = complaints.file.to_owned();
    let here = module(&file);
    for name in names.iter().filter(|name| !name.test) {
        let worldly =
            WORLD.iter().any(|at| name.begins(at)) || CLOCKS.iter().any(|at| name.has(at));
        match floor {
            0 | 1 if worldly => complaints.name(name, PURE),
            0 | 1 if name.begins(&["ratatui"]) => complaints.name(name, NO_SCREEN),
            2 if worldly => complaints.name(name, UNWORLDLY),
            _ => {}
        }
        if floor != 3 && (name.has(&["Mutex"]) || name.has(&["RwLock"])) {
            complaints.name(name, SHARED);
        }
        let pictures = here
            .first()
            .is_some_and(|at| at == "widgets" || at == "theme");
        if pictures && name.begins(&["mailtop_parsers"]) {
            complaints.name(name, NO_MAIL);
        }
        // Floor 0 is a crate of its own, floor 4 may import everything.
        if !name.begins(&["crate"]) || floor == 0 || floor == 4 {
            continue;
        }
        let inside: Vec<&str> = name.path[1..].iter().map(String::as_str).collect();
        let Some(other) = inside.first() else {
            complaints.name(name, EVERYTHING);
            continue;
        };
        match floor_named(other) {
            None if *other == "*" => complaints.name(name, EVERYTHING),
            None => complaints.name(name, HOMELESS),
            Some(4) => complaints.name(name, UPWARDS),
            Some(_) if pictures && !PICTURES.contains(other) => complaints.name(name, NO_MAIL),
            Some(2) if floor == 3 && *other == "app" => {
                if !inside.get(1).is_some_and(|part| ROAD.contains(part)) {
                    complaints.name(name, ROAD_ONLY);
                }
            }
            Some(2) if floor == 3 => complaints.name(name, ROAD_ONLY),
            Some(level) if level > floor => complaints.name(name, UPWARDS),
            Some(_) => {}
        }
        // A view is a file of its own below src/views/, and what is below that.
        if let ([views, view, ..], ["views", part, ..]) = (here.as_slice(), inside.as_slice()) {
            let is_module = part.starts_with(|letter: char| letter.is_ascii_lowercase());
            if views == "views" && view != part && is_module && inside.len() > 2 {
                complaints.name(name, VIEWS_APART);
            }
        }
    }
}

/// The floor of a file: 0 is the crate of parsers. An example and the command line's own programs stand where `main` does.
fn floor_of(file: &str) -> Option<usize> {
    if file.starts_with("parsers/src/") {
        return Some(0);
    }
    if file.starts_with("examples/") {
        return Some(4);
    }
    let inside = file.strip_prefix("src/")?;
    floor_named(inside.split(['/', '.']).next()?)
}

fn floor_named(module: &str) -> Option<usize> {
    let found = FLOORS.iter().find(|(_, modules)| modules.contains(&module));
    found.map(|(floor, _)| *floor)
}
