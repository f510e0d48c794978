//! A screen with every widget in it, filled with made-up numbers.

use mailtop::numbers;
use mailtop::theme::{Role, Theme};
use mailtop::widgets::{
    Column, Columns, Line, Part, Pen, Row, Sort, TimeSeries, Width, Window, bar, keybar, meter,
    sparkline, stacked,
};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

/// An hour of queue depth with a hill at its end.
fn depth() -> Vec<Option<f64>> {
    (0..120)
        .map(|minute| {
            let base = 330.0 + 60.0 * (f64::from(minute) / 9.0).sin();
            let hill = f64::from((minute - 76).max(0));
            (!(20..24).contains(&minute)).then_some(base + 4_400.0 * (1.0 - (-hill / 16.0).exp()))
        })
        .collect()
}

pub fn draw(buffer: &mut Buffer, theme: Theme) {
    let mut pen = Pen::new(buffer, &theme);
    let [tabs, crumb, upper, middle, lower, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(14),
        Constraint::Fill(1),
        Constraint::Length(5),
        Constraint::Length(1),
    ])
    .areas(pen.area());
    pen.line(
        tabs.x,
        tabs.y,
        tabs.width,
        &Line::of(" mailtop  ", Role::Head)
            .add("[1 Overview]", Role::Accent)
            .add("  2 Queue  3 Providers  4 Trace", Role::Dim),
    );
    pen.line_right(
        tabs.x,
        tabs.y,
        tabs.width,
        &Line::of("mx1 ", Role::Text)
            .add("● LIVE", Role::Ok)
            .text(" 11:09:31"),
    );
    let alert = Line::of(
        " ▲ yahoo.com deferred +3 812 in 10 min · 421 4.7.0 [TSS04] user complaints",
        Role::Alert,
    );
    pen.line(crumb.x, crumb.y, crumb.width, &alert);
    let [chart, queues] =
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(upper);
    draw_chart(&mut pen, chart);
    draw_queues(&mut pen, queues);
    let [stuck, providers] =
        Layout::horizontal([Constraint::Fill(5), Constraint::Fill(4)]).areas(middle);
    draw_stuck(&mut pen, stuck);
    draw_providers(&mut pen, providers);
    draw_system(&mut pen, lower);
    let hints = [
        ("?", "help"),
        ("Enter", "drill"),
        ("Tab", "panel"),
        ("/", "filter"),
        ("p", "pause"),
        ("f", "flush"),
        ("h", "hold"),
        ("d", "delete"),
        (":", "command"),
        ("q", "quit"),
    ];
    keybar(&mut pen, keys, &hints);
}

fn draw_chart(pen: &mut Pen<'_>, area: Rect) {
    let inner = Window::new("Queue depth")
        .note("last 60 min")
        .draw(pen, area);
    let [plot, legend] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(inner);
    let active: Vec<Option<f64>> = (0..120)
        .map(|at| Some(287.0 + 900.0 * (f64::from(at) / 20.0).cos().abs()))
        .collect();
    TimeSeries::new(&depth(), Role::Defer)
        .line(&active, Role::Accent)
        .threshold(4_000.0, "warn 4 000")
        .labels(vec![
            (0.0, "10:09".into()),
            (0.25, "10:24".into()),
            (0.5, "10:39".into()),
            (0.75, "10:54".into()),
            (1.0, "11:09".into()),
        ])
        .draw(pen, plot);
    let line = Line::of(" ■", Role::Defer)
        .text(" deferred 4 712   ")
        .add("─", Role::Accent)
        .text(" active 287   arrivals 341/m   ");
    pen.line(
        legend.x,
        legend.y,
        legend.width,
        &line.add("✓", Role::Ok).text(" sent 389/m"),
    );
}

fn draw_queues(pen: &mut Pen<'_>, area: Rect) {
    let inner = Window::new("Queues").note("Δ 10 min").draw(pen, area);
    let theme = pen.theme;
    let columns = [
        Column::new("", Width::Fixed(9)),
        Column::new("", Width::Fixed(6)).right(),
        Column::new("", Width::Flex(4)).drop(1),
        Column::new("", Width::Fixed(8)).right(),
    ];
    let rows = [
        ("deferred", 4_712, 3_812, Role::Defer),
        ("active", 287, 12, Role::Text),
        ("incoming", 14, 0, Role::Text),
        ("hold", 36, 1, Role::Hold),
        ("corrupt", 0, 0, Role::Text),
    ];
    let table = Rect {
        height: inner.height.min(6),
        ..inner
    };
    Columns::new(&columns, rows.len())
        .gutter(1)
        .draw(pen, table, |at| {
            let (name, number, change, role) = rows[at];
            Row::new(vec![
                name.into(),
                Line::of(numbers::count(number), role),
                bar(number as f64, 4_712.0, 16, role, theme),
                Line::of(
                    numbers::delta(change),
                    if change > 100 { Role::Alert } else { Role::Dim },
                ),
            ])
        });
    let facts = [
        Line::of(" oldest   ", Role::Dim)
            .text(" 4d 02h  ")
            .add("expires in 21h 40m", Role::Defer),
        Line::of(" size     ", Role::Dim).text("61.3 MiB  median age 38m"),
        Line::of(" trend    ", Role::Dim).text("+6.4/s    drains: never at this rate"),
    ];
    let below = Rect {
        y: inner.y + table.height,
        height: inner.height - table.height,
        ..inner
    };
    pen.lines(below, &facts);
}

fn draw_stuck(pen: &mut Pen<'_>, area: Rect) {
    let inner = Window::new("Stuck domains")
        .note("sort: count ▼")
        .focused(true)
        .draw(pen, area);
    let theme = pen.theme;
    let columns = [
        Column::new("Domain", Width::Flex(15)),
        Column::new("Count", Width::Fixed(6))
            .right()
            .sorted(Some(Sort::Down)),
        Column::new("", Width::Fixed(6)).drop(3),
        Column::new("Oldest", Width::Fixed(6)).right().drop(1),
        Column::new("DSN", Width::Fixed(7)),
        Column::new("Reason", Width::Flex(12)).drop(2),
    ];
    let rows = [
        ("yahoo.com", 3_904, "5m", "4.7.0", "TSS04 user complaints"),
        ("aol.com", 322, "11m", "4.7.0", "TSS04 user complaints"),
        ("contoso.example", 171, "2h", "4.4.1", "connect timed out"),
        ("outlook.com", 96, "38m", "4.7.500", "server busy"),
        ("full.example", 61, "1d", "4.2.2", "mailbox full"),
        ("gmäil.example", 31, "9m", "4.7.28", "rate limited"),
        ("日本.example", 19, "4d", "4.4.1", "refused\u{1b}[31m"),
    ];
    let total = Row::new(vec![
        Line::of("TOTAL", Role::Head),
        Line::of("4 712", Role::Head),
    ]);
    Columns::new(&columns, rows.len())
        .selected(Some(0))
        .footer(Some(total))
        .draw(pen, inner, |at| {
            let (domain, number, oldest, dsn, reason) = rows[at];
            let row = Row::new(vec![
                domain.into(),
                Line::of(numbers::count(number), Role::Defer),
                bar(number as f64, 3_904.0, 6, Role::Defer, theme),
                oldest.into(),
                dsn.into(),
                Line::of(reason, Role::Dim),
            ]);
            let row = row.marked(at == 2);
            if at < 2 {
                row.sign(theme.glyphs().alert, Role::Alert)
            } else {
                row
            }
        });
}

fn draw_providers(pen: &mut Pen<'_>, area: Rect) {
    let inner = Window::new("Providers").note("10 min").draw(pen, area);
    let theme = pen.theme;
    let signs = theme.glyphs();
    let columns = [
        Column::new("Provider", Width::Fixed(10)),
        Column::new("Attempts", Width::Fixed(12)).drop(3),
        Column::new("sent%", Width::Fixed(5)).right(),
        Column::new("msg/m", Width::Fixed(5)).right().drop(2),
        Column::new("defer%", Width::Fixed(6)).right().drop(1),
    ];
    let rows = [
        ("Google", 989, 4, 7, 312),
        ("Microsoft", 972, 21, 7, 141),
        ("Yahoo/AOL", 114, 882, 4, 3),
        ("Apple", 994, 5, 1, 23),
        ("other", 931, 52, 17, 64),
    ];
    Columns::new(&columns, rows.len())
        .gutter(1)
        .focused(false)
        .draw(pen, inner, |at| {
            let (name, sent, deferred, bounced, rate) = rows[at];
            let parts = [
                Part {
                    value: f64::from(sent),
                    sign: signs.bar,
                    role: Role::Ok,
                },
                Part {
                    value: f64::from(deferred),
                    sign: signs.bar_deferred,
                    role: Role::Defer,
                },
                Part {
                    value: f64::from(bounced),
                    sign: signs.bar_bounced,
                    role: Role::Bounce,
                },
            ];
            Row::new(vec![
                name.into(),
                stacked(&parts, 12, theme),
                numbers::percent(f64::from(sent) / 1_000.0).into(),
                rate.to_string().into(),
                numbers::percent(f64::from(deferred) / 1_000.0).into(),
            ])
        });
}

fn draw_system(pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let panels = [
        ("CPU", 34, "34 % of 8 · iowait 3", Role::Ok),
        ("Disk vda", 71, "71 % busy · 4.2 ms", Role::Ok),
        (
            "smtp processes",
            100,
            "100/100 · limit reached",
            Role::Defer,
        ),
    ];
    let areas: [Rect; 3] = Layout::horizontal([Constraint::Fill(1); 3]).areas(area);
    for (at, ((title, share, words, role), area)) in panels.into_iter().zip(areas).enumerate() {
        let title = if share == 100 {
            Line::of(format!("▲ {title}"), Role::Alert)
        } else {
            title.into()
        };
        let inner = Window::new(title).draw(pen, area);
        let history: Vec<Option<f64>> = (0..60)
            .map(|x| {
                (x > 10)
                    .then_some(f64::from(share) * (f64::from(x) / (7.0 + at as f64)).sin().abs())
            })
            .collect();
        let most = history.iter().flatten().copied().fold(0.0, f64::max);
        pen.lines(
            inner,
            &[
                meter(f64::from(share), 100.0, inner.width, role, theme),
                words.into(),
                sparkline(&history, most, inner.width, Role::Dim, theme),
            ],
        );
    }
}
