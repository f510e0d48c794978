//! What each key does to a sheet.

use super::*;

fn target(queue: QueueName) -> Target {
    let key = MessageKey {
        instance: "postfix".into(),
        queue_id: "ABCDEF1".into(),
        arrival: 1,
    };
    Target {
        key,
        sender: "a@x.example".into(),
        queue,
    }
}

fn sheet(verb: Verb, queues: &[&[QueueName]]) -> Option<Sheet> {
    let choices = queues
        .iter()
        .map(|queues| Choice {
            label: "x".into(),
            targets: queues.iter().map(|queue| target(*queue)).collect(),
        })
        .collect();
    Sheet::new(verb, choices, None)
}

#[test]
fn only_y_acts_and_any_other_key_cancels() {
    for key in [
        Key::Enter,
        Key::Esc,
        Key::Char('n'),
        Key::Char('h'),
        Key::Char('Y'),
        Key::Delete,
        Key::Ctrl('y'),
    ] {
        assert_eq!(
            sheet(Verb::Hold, &[&[QueueName::Deferred]])
                .unwrap()
                .on(key),
            Answer::Cancel
        );
    }
    let answer = sheet(Verb::Hold, &[&[QueueName::Deferred]])
        .unwrap()
        .on(Key::Char('y'));
    assert!(
        matches!(answer, Answer::Act(Action { verb: Verb::Hold, scope: Scope::Messages(targets) }) if targets.len() == 1)
    );
}

#[test]
fn a_blocked_sheet_never_acts() {
    let mut sheet = Sheet {
        blocked: Some("needs root".into()),
        ..Sheet::whole_queue()
    };
    assert_eq!(sheet.on(Key::Char('y')), Answer::Cancel);
    for count in [3, 12] {
        let choice = Choice {
            label: "x".into(),
            targets: vec![target(QueueName::Deferred); count],
        };
        let blocked = Some("needs root".into());
        let sheet = Sheet::new(Verb::Delete, vec![choice], blocked).unwrap();
        for keys in ["y", "h", "3", "12<enter>"] {
            assert_eq!(answers(&mut sheet.clone(), keys), Answer::Cancel, "{keys}");
        }
    }
}

#[test]
fn messages_that_the_verb_does_not_apply_to_are_left_out() {
    assert_eq!(sheet(Verb::Release, &[&[QueueName::Deferred]]), None);
    let sheet = sheet(
        Verb::Hold,
        &[&[QueueName::Hold], &[QueueName::Hold, QueueName::Active]],
    )
    .unwrap();
    assert_eq!(sheet.chosen().unwrap().targets.len(), 1);
}

#[test]
fn tab_chooses_another_set() {
    let mut sheet = sheet(
        Verb::Hold,
        &[
            &[QueueName::Active],
            &[QueueName::Active, QueueName::Deferred],
        ],
    )
    .unwrap();
    assert_eq!(sheet.on(Key::Tab), Answer::Turned);
    assert_eq!(sheet.chosen().unwrap().targets.len(), 2);
}

fn answers(sheet: &mut Sheet, script: &str) -> Answer {
    let keys = Key::of_script(script).unwrap();
    keys.into_iter()
        .map(|key| sheet.on(key))
        .last()
        .unwrap_or(Answer::Stay)
}

fn acts(answer: &Answer) -> Option<(Verb, usize)> {
    match answer {
        Answer::Act(Action {
            verb,
            scope: Scope::Messages(targets),
        }) => Some((*verb, targets.len())),
        _ => None,
    }
}

#[test]
fn ten_are_deleted_by_y_and_eleven_by_their_count() {
    let deferred = [QueueName::Deferred; 11];
    let of = |count: usize| sheet(Verb::Delete, &[&deferred[..count]]).unwrap();
    assert_eq!(acts(&answers(&mut of(10), "y")), Some((Verb::Delete, 10)));
    assert_eq!(answers(&mut of(10), "1"), Answer::Cancel);
    assert_eq!(answers(&mut of(11), "y"), Answer::Cancel);
    assert_eq!(answers(&mut of(11), "<enter>"), Answer::Cancel);
    assert_eq!(
        acts(&answers(&mut of(11), "11<enter>")),
        Some((Verb::Delete, 11))
    );
    let wrong = "Delete: nothing was done, the count is 11 and 10 was typed";
    assert_eq!(
        answers(&mut of(11), "10<enter>"),
        Answer::Wrong(wrong.into())
    );
    // Nothing else asks for a count.
    assert_eq!(
        acts(&answers(&mut sheet(Verb::Hold, &[&deferred]).unwrap(), "y")),
        Some((Verb::Hold, 11))
    );
}

#[test]
fn the_count_is_that_of_the_chosen_messages_and_tab_forgets_what_was_typed() {
    let deferred = [QueueName::Deferred; 13];
    let mut sheet = sheet(Verb::Delete, &[&deferred[..12], &deferred]).unwrap();
    assert_eq!(answers(&mut sheet, "12<tab>"), Answer::Turned);
    assert_eq!(sheet.count().map(TypedCount::digits), Some(""));
    let wrong = answers(&mut sheet.clone(), "12<enter>");
    assert!(matches!(wrong, Answer::Wrong(_)), "{wrong:?}");
    assert_eq!(
        acts(&answers(&mut sheet, "13<enter>")),
        Some((Verb::Delete, 13))
    );
}

#[test]
fn h_holds_the_same_messages_instead_as_far_as_they_can_be_held() {
    use QueueName::{Active, Deferred, Hold};
    let mut mixed = sheet(Verb::Delete, &[&[Deferred], &[Active, Hold, Deferred]]).unwrap();
    mixed.on(Key::Tab);
    let Answer::Instead(hold) = answers(&mut mixed, "h") else {
        panic!("no other sheet");
    };
    assert_eq!((hold.verb, hold.meant()), (Verb::Hold, 2));
    let mut held = sheet(Verb::Delete, &[&[Hold]]).unwrap();
    assert!(!held.can_hold());
    assert_eq!(answers(&mut held, "h"), Answer::Cancel);
    let mut release = sheet(Verb::Release, &[&[Hold]]).unwrap();
    assert_eq!(answers(&mut release, "h"), Answer::Cancel);
}
