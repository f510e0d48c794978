//! The sections on deliveries: providers, codes, domains, and the reasons why mail was deferred, bounced or refused.
//!
//! In comes a [`Summary`], out come tables at the end of the text.

use super::{Text, code, moment, number};
use crate::numbers;
use crate::reports::grid::Grid;
use crate::reports::summary::Summary;
use crate::reports::summary::rows::{Answer, Quantiles};
use crate::safe_text::SafeText;
use std::time::Duration;

/// Domains that are named beside a reason.
const NAMED: usize = 3;

impl Text {
    pub(super) fn providers(&mut self, summary: &Summary) {
        let mut grid = Grid::new(&[
            "provider",
            ">attempts",
            ">sent",
            ">sent %",
            ">deferred",
            ">bounced",
            ">p50",
            ">p95",
            ">p99",
        ]);
        for row in summary.providers.iter().filter(|row| row.attempts > 0) {
            let [p50, p95, p99] = delays(row.delay);
            let share = row.sent as f64 / row.attempts as f64;
            grid.row([
                row.provider.into(),
                number(row.attempts),
                number(row.sent),
                SafeText::from(numbers::percent(share)),
                number(row.deferred),
                number(row.bounced),
                p50,
                p95,
                p99,
            ]);
        }
        self.table(
            "Providers (attempts; seconds from arrival to delivery)",
            &grid,
            0,
        );
    }

    pub(super) fn codes(&mut self, summary: &Summary, status: &str, title: &str) {
        let mut answers: Vec<(&'static str, &Answer)> = summary
            .providers
            .iter()
            .flat_map(|row| row.codes.iter().map(|answer| (row.provider, answer)))
            .filter(|(_, answer)| answer.status == Some(status))
            .collect();
        answers.sort_by_key(|(_, answer)| std::cmp::Reverse(answer.count));
        let mut grid = Grid::new(&[">attempts", "provider", ">code", "dsn", "one of them"]);
        for (provider, answer) in answers.iter().take(self.paper.top) {
            grid.row([
                number(answer.count),
                SafeText::from(*provider),
                code(answer.smtp_code),
                answer.dsn.clone().unwrap_or_default(),
                answer.sample.clone().unwrap_or_default(),
            ]);
        }
        self.table(title, &grid, answers.len());
    }

    pub(super) fn domains(&mut self, summary: &Summary) {
        let mut rows: Vec<_> = summary
            .domains
            .rows()
            .iter()
            .filter(|row| row.deferred > 0)
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.deferred));
        let mut grid = Grid::new(&[
            ">deferrals",
            ">sent",
            ">bounced",
            "oldest arrival",
            "provider",
            "domain",
        ]);
        for row in rows.iter().take(self.paper.top) {
            grid.row([
                number(row.deferred),
                number(row.sent),
                number(row.bounced),
                SafeText::from(row.oldest.map(moment).unwrap_or_default()),
                row.provider.unwrap_or("other").into(),
                row.domain.clone(),
            ]);
        }
        self.table("Domains with deferrals", &grid, rows.len());
        let mut rows: Vec<_> = summary
            .domains
            .rows()
            .iter()
            .filter(|row| row.sent > 0)
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.sent));
        let mut grid = Grid::new(&[
            ">sent", ">bytes", ">bounced", ">p50", ">p95", ">p99", "provider", "domain",
        ]);
        for row in rows.iter().take(self.paper.top) {
            let [p50, p95, p99] = delays(row.delay);
            grid.row([
                number(row.sent),
                SafeText::from(numbers::bytes_short(row.bytes)),
                number(row.bounced),
                p50,
                p95,
                p99,
                row.provider.unwrap_or("other").into(),
                row.domain.clone(),
            ]);
        }
        self.table(
            "Domains (recipients delivered; seconds from arrival to delivery)",
            &grid,
            rows.len(),
        );
    }

    pub(super) fn reasons(&mut self, summary: &Summary, status: &str, title: &str) {
        let rows: Vec<_> = summary
            .reasons
            .rows()
            .iter()
            .filter(|row| row.status == status)
            .collect();
        let mut grid = Grid::new(&[">count", "class", ">code", "dsn", "domains", "reason"]);
        for row in rows.iter().take(self.paper.top) {
            let mut domains: Vec<&str> = row
                .domains
                .iter()
                .take(NAMED)
                .map(|share| share.domain.as_str())
                .collect();
            let more = format!("+{}", row.domains.len().saturating_sub(NAMED));
            if row.domains.len() > NAMED {
                domains.push(&more);
            }
            grid.row([
                number(row.count),
                row.class.into(),
                code(row.smtp_code),
                row.dsn.clone().unwrap_or_default(),
                SafeText::from(domains.join(" ")),
                row.text.clone(),
            ]);
        }
        self.table(title, &grid, rows.len());
    }

    pub(super) fn rejects(&mut self, summary: &Summary) {
        let mut grid = Grid::new(&[">count", ">clients", "action", "stage", ">code", "reason"]);
        for row in summary.rejects.rows().iter().take(self.paper.top) {
            grid.row([
                number(row.count),
                number(row.clients),
                row.action.clone(),
                row.stage.clone(),
                code(row.smtp_code),
                row.reason.clone(),
            ]);
        }
        self.table(
            "Refused, held, discarded and warned of",
            &grid,
            summary.rejects.rows().len(),
        );
    }
}

fn delays(quantiles: Option<Quantiles>) -> [SafeText; 3] {
    let delay = |seconds: f64| {
        let time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        SafeText::from(numbers::delay(time))
    };
    match quantiles {
        Some(Quantiles { p50, p95, p99 }) => [p50, p95, p99].map(delay),
        None => Default::default(),
    }
}
