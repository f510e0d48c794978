//! What the filter is asked of in this view: accounts, failing sources, targeted users.
//!
//! A panel is filtered only by a filter of which it knows every field: `rcpts:>100` says nothing about who fails to log in.

use super::failures::source_words;
use crate::app::filter::subject::{address, shown};
use crate::app::filter::{Field, Filter, Subject};
use crate::model::accounts::{Account, AccountRow};
use crate::model::auth_failures::{SourceFailures, UserFailures};
use crate::views::Facts;

/// Whether an account is meant.
pub(super) fn account(filter: &Filter, row: &AccountRow, facts: &Facts<'_>) -> bool {
    if filter.is_empty() {
        return true;
    }
    let account = facts.model.told().accounts.get(&row.name);
    account.is_some_and(|account| filter.matches(&Sender { row, account }))
}

/// Whether a failing source is meant.
pub(super) fn source(filter: &Filter, row: &SourceFailures) -> bool {
    !knows(filter, &[Field::Ip, Field::User, Field::Protocol]) || filter.matches(&Source(row))
}

/// Whether a targeted user is meant.
pub(super) fn user(filter: &Filter, row: &UserFailures) -> bool {
    !knows(filter, &[Field::User]) || filter.matches(&User(row))
}

fn knows(filter: &Filter, fields: &[Field]) -> bool {
    let mut terms = filter.terms();
    terms.all(|term| term.field == Field::Anywhere || fields.contains(&term.field))
}

struct Sender<'a> {
    row: &'a AccountRow,
    account: &'a Account,
}

impl Subject for Sender<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::User => test(&shown(&*self.row.name)),
            Field::Ip => {
                let mut addresses = self.account.addresses();
                addresses.any(|(address, _)| test(&address.to_string()))
            }
            Field::From => {
                let mut senders = self.account.senders().into_iter();
                senders.any(|(sender, _)| test(&address(sender.as_bytes())))
            }
            Field::Domain => {
                let mut domains = self.account.destinations().into_iter();
                domains.any(|(domain, _)| test(&shown(&**domain)))
            }
            _ => false,
        }
    }

    fn number(&self, field: Field) -> Option<i64> {
        (field == Field::Recipients).then_some(self.row.recipients as i64)
    }

    fn anywhere(&self) -> &'static [Field] {
        &[Field::User, Field::Ip, Field::From]
    }
}

struct Source<'a>(&'a SourceFailures);

impl Subject for Source<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Ip => test(&self.0.source.to_string()) || test(&source_words(self.0.source)),
            Field::User => self
                .0
                .last_user
                .as_deref()
                .is_some_and(|user| test(&shown(user))),
            Field::Protocol => self.0.services.names().any(test),
            _ => false,
        }
    }
}

struct User<'a>(&'a UserFailures);

impl Subject for User<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        field == Field::User && test(&shown(&*self.0.user))
    }
}
