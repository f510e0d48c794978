//! The table of domains by age: drawn in as many buckets as there is room for, and as text with all of them.

use super::buckets::{ALL_BUCKETS, buckets, gathered};
use super::{By, Queue};
use crate::app::cursor::Aim;
use crate::app::extract::Extract;
use crate::model::feeds::Source;
use crate::model::reasons::Reason;
use crate::model::stuck::Domain;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, age, cell, good_news, no_match, which_sorted};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, Window};
use ratatui::layout::Rect;

impl Queue {
    pub(super) fn draw_table(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let (buckets, reason) = buckets(area.width);
        let columns = self.columns(buckets, reason);
        let note = which_sorted(self.cursor.at(), self.rows.len(), &self.order, facts);
        let inner = Window::new("Domain × age")
            .panel(0)
            .note(note)
            .focused(true)
            .old(facts.old(&[Source::Queue]))
            .draw(pen, area);
        if self.rows.is_empty() {
            self.draw_empty(pen, inner, facts);
            return;
        }
        let total = self.total(buckets, facts);
        Columns::new(&columns, self.rows.len())
            .selected(Some(self.cursor.at()))
            .range(self.cursor.range())
            .footer(Some(total))
            .draw(pen, inner, |at| {
                self.rows
                    .get(at)
                    .map(|domain| self.row(domain, buckets, facts))
                    .unwrap_or_default()
            });
    }

    fn columns(&self, buckets: &[(usize, &'static str)], reason: Option<Column>) -> Vec<Column> {
        let domain = Column::new("Domain", Width::Flex(15));
        let total = Column::new("Total", Width::Fixed(7)).right();
        let mut columns = vec![
            self.order.head(domain, By::Domain),
            self.order.head(total, By::Total),
        ];
        for (nth, (_, title)) in buckets.iter().enumerate() {
            let column = Column::new(*title, Width::Fixed(4)).right().drop(2);
            columns.push(match nth {
                0 => self.order.head(column, By::New),
                _ => column,
            });
        }
        let oldest = Column::new("Oldest", Width::Fixed(6)).right();
        columns.push(self.order.head(oldest, By::Oldest));
        columns.extend(reason.map(|column| column.drop(3)));
        columns
    }

    fn row(&self, domain: &Domain, buckets: &[(usize, &str)], facts: &Facts<'_>) -> Row {
        let oldest = facts.model.now().timestamp() - domain.oldest;
        let mut cells = vec![
            Line::from(&*domain.name),
            Line::from(domain.count.to_string()),
        ];
        cells.extend(
            gathered(&domain.ages, buckets)
                .into_iter()
                .map(|count| cell(count, facts)),
        );
        cells.push(Line::from(age(oldest)));
        let reason = domain.main_reason().map(|reason| {
            let dsn = reason.dsn.map(|dsn| dsn.to_string());
            if buckets.len() == ALL_BUCKETS.len() {
                Line::of(reason.line(), Role::Defer)
            } else {
                Line::of(dsn.unwrap_or_default(), Role::Defer)
            }
        });
        cells.push(reason.unwrap_or_default());
        let row = Row::new(cells).marked(self.marked.has(&domain.name));
        if facts.growth.grows(domain) {
            row.sign(facts.theme.glyphs().alert, Role::Alert)
        } else if domain.held > 0 {
            row.sign(facts.theme.glyphs().held, Role::Hold)
        } else {
            row
        }
    }

    fn total(&self, buckets: &[(usize, &str)], facts: &Facts<'_>) -> Row {
        let (count, ages) = (self.total.arrivals.count(), self.total.ages);
        let mut cells = vec![
            Line::of("TOTAL", Role::Head),
            Line::of(count.to_string(), Role::Head),
        ];
        cells.extend(
            gathered(&ages, buckets)
                .into_iter()
                .map(|count| cell(count, facts)),
        );
        let oldest = self
            .rows
            .iter()
            .map(|domain| domain.oldest)
            .min()
            .unwrap_or_default();
        cells.push(Line::from(age(facts.model.now().timestamp() - oldest)));
        cells.push(Line::new());
        Row::new(cells)
    }

    fn draw_empty(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let lines = if self.filter.is_empty() {
            good_news(facts, self.scope, "→ goes to the next queue")
        } else {
            let all = self.scope.count(facts.model.queue.depth());
            vec![no_match(all.unsigned_abs(), "message", &self.filter)]
        };
        for (nth, line) in lines.iter().enumerate() {
            pen.line(
                area.x + 3,
                area.y + 1 + nth as u16,
                area.width.saturating_sub(4),
                line,
            );
        }
    }

    /// The whole table, with all buckets whatever the screen's width.
    pub(super) fn table_extract(&self, facts: &Facts<'_>) -> Extract {
        let mut columns = vec!["Domain", "Total"];
        columns.extend(ALL_BUCKETS.iter().map(|(_, title)| *title));
        columns.extend(["Oldest", "Main reason"]);
        let row = |domain: &Domain| {
            let mut cells = vec![
                SafeText::from(&*domain.name),
                SafeText::from(domain.count.to_string()),
            ];
            let ages = domain.ages.iter();
            cells.extend(ages.map(|count| SafeText::from(count.to_string())));
            let oldest = facts.model.now().timestamp() - domain.oldest;
            cells.push(SafeText::from(age(oldest)));
            let reason = domain.main_reason();
            cells.push(reason.map(Reason::line).unwrap_or_default());
            cells
        };
        Extract {
            title: SafeText::from(format!("queue {}", self.scope.name())),
            columns,
            rows: self.rows.iter().map(row).collect(),
            selected: Some(self.cursor.at()),
        }
    }
}
