//! A program that takes the terminal and ends in the way that its first argument names; for `tests/terminal`.
//!
//! It stands in for mailtop's own loop: the same runtime, the same order of calls, no mail. Its frame shows the number of
//! messages that it took and what became of the last one, so that the test can wait for what it sees.

#![expect(clippy::panic, reason = "panicking is one of the endings")]

use mailtop::app::key::Key;
use mailtop::app::msg::Msg;
use mailtop::sources::input;
use mailtop::terminal::{Endings, Screen, die_by, install_panic_hook, usable};
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};
use std::io;
use std::process::ExitCode;
use std::thread;
use tokio::sync::mpsc;

fn main() -> ExitCode {
    let ending = std::env::args().nth(1).unwrap_or_default();
    install_panic_hook();
    if ending != "init"
        && let Err(why) = usable()
    {
        eprintln!("probe: {why}");
        return ExitCode::from(2);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = runtime.and_then(|runtime| runtime.block_on(run(&ending)));
    match ended {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(signal)) => die_by(signal),
        Err(error) => {
            eprintln!("probe: {error}");
            ExitCode::from(3)
        }
    }
}

async fn run(ending: &str) -> io::Result<Option<i32>> {
    let (road, mut msgs) = mpsc::channel(64);
    let endings = Endings::watch(&road)?;
    let mut screen = Screen::enter()?;
    tokio::spawn(input::run(road.clone()));
    let (mut taken, mut said) = (0, String::from("ready"));
    let leave_screen = loop {
        let text = format!("{taken}: {said}");
        let failing = said == "failing";
        if screen
            .draw(|frame| frame.render_widget(Line::from(text).reversed(), frame.area()))
            .is_err()
        {
            break false;
        }
        if failing && ending == "flood" {
            flood(&mut screen)?;
        }
        if failing {
            fail(ending).await;
        }
        let Some(msg) = msgs.recv().await else {
            break false;
        };
        taken += 1;
        said = format!("{msg:?}");
        match msg {
            Msg::Terminate if ending != "deaf" => break false,
            Msg::Key(Key::Char('q')) => break ending == "leave-screen",
            Msg::Key(Key::Ctrl('z')) => {
                said = format!("suspended {}", screen.suspend()?);
            }
            Msg::Key(Key::Char('!')) => said = String::from("failing"),
            _ => {}
        }
    };
    if ending == "deaf-at-the-end" {
        thread::park();
    }
    // The terminal may be gone by now; that is no news.
    let left = screen.leave(leave_screen);
    let signal = endings.signal();
    if signal.is_none() {
        left?;
    }
    Ok(signal)
}

/// Draws until the terminal takes no more, and then hangs in that.
fn flood(screen: &mut Screen) -> io::Result<()> {
    for number in 0.. {
        let text = format!("{number} ").repeat(1000);
        let text = Paragraph::new(text).wrap(Wrap::default());
        screen.draw(|frame| frame.render_widget(text, frame.area()))?;
    }
    Ok(())
}

async fn fail(ending: &str) {
    match ending {
        "thread" => {
            let bug = thread::spawn(|| panic!("a bug\u{1b}[31m in a thread"));
            while !bug.is_finished() {
                thread::park();
            }
        }
        "task" => {
            let _ = tokio::spawn(async { panic!("a bug in a task") }).await;
        }
        "stuck" => loop {
            thread::park();
        },
        _ => panic!("a bug in main"),
    }
}
