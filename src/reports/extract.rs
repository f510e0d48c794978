//! An extract as CSV, JSON or Markdown.
//!
//! CSV is RFC 4180 with a line of names; a cell that a spreadsheet would take for a formula begins with a quotation mark (`'`), as OWASP's
//! "CSV Injection" advises. JSON is an array of objects with the columns' names as keys. Markdown is the table of GitHub
//! Flavored Markdown, section 4.10, with everything escaped that would be markup.

use crate::app::extract::{Extract, Format};
use crate::safe_text::SafeText;
use serde_json::{Map, Value};
use std::fmt::Write;

/// The whole table.
pub fn write(extract: &Extract, format: Format) -> String {
    match format {
        Format::Csv => csv(extract),
        Format::Json => json(extract),
        Format::Markdown => markdown(extract),
    }
}

/// The selected row, or the first: its cells with blanks between.
pub fn row(extract: &Extract) -> String {
    let row = extract.rows.get(extract.selected.unwrap_or(0));
    let cells = row.map(Vec::as_slice).unwrap_or_default();
    let words: Vec<&str> = cells
        .iter()
        .map(|cell| cell.as_str().trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    words.join("  ")
}

fn csv(extract: &Extract) -> String {
    let mut out = String::new();
    let names = extract.columns.iter().map(|name| (*name).to_owned());
    line(&mut out, names);
    for row in &extract.rows {
        line(&mut out, row.iter().map(|cell| harmless(cell.as_str())));
    }
    out
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells
        .map(|cell| {
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell
            }
        })
        .collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula; numbers stay numbers.
fn harmless(cell: &str) -> String {
    let formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn json(extract: &Extract) -> String {
    let object = |row: &Vec<SafeText>| {
        let pairs = extract.columns.iter().zip(row);
        let pairs = pairs.map(|(name, cell)| ((*name).to_owned(), Value::from(cell.as_str())));
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    let rows: Value = extract.rows.iter().map(object).collect();
    format!("{rows:#}\n")
}

fn markdown(extract: &Extract) -> String {
    let mut out = String::new();
    let row = |out: &mut String, cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    row(
        &mut out,
        &mut extract.columns.iter().map(|name| escaped(name)),
    );
    row(
        &mut out,
        &mut extract.columns.iter().map(|_| String::from("---")),
    );
    for cells in &extract.rows {
        row(
            &mut out,
            &mut cells.iter().map(|cell| escaped(cell.as_str())),
        );
    }
    out
}

fn escaped(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    for c in cell.chars() {
        if "\\`*_[]<>|~&#!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extract(cells: &[&str]) -> Extract {
        Extract {
            title: SafeText::from("t"),
            columns: vec!["Domain", "Count"],
            rows: cells
                .chunks(2)
                .map(|row| row.iter().map(|cell| SafeText::from(*cell)).collect())
                .collect(),
            selected: Some(1),
        }
    }

    #[test]
    fn no_cell_of_csv_is_a_formula_or_leaves_its_place() {
        let text = write(
            &extract(&[
                "=cmd|' /C calc'!A0",
                "-1",
                "@x,\"y\"",
                "-2+3",
                "+49 170",
                "1,5",
            ]),
            Format::Csv,
        );
        let expected = "Domain,Count\r\n'=cmd|' /C calc'!A0,-1\r\n\"'@x,\"\"y\"\"\",'-2+3\r\n'+49 170,\"1,5\"\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn json_is_objects_and_reads_back() {
        let text = write(&extract(&["a\"b", "1"]), Format::Json);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, serde_json::json!([{"Domain": "a\"b", "Count": "1"}]));
    }

    #[test]
    fn markdown_has_no_markup_from_outside() {
        let text = write(&extract(&["a|b", "<b>*x*</b> ![i](u)"]), Format::Markdown);
        let expected =
            "| Domain | Count |\n| --- | --- |\n| a\\|b | \\<b\\>\\*x\\*\\</b\\> \\!\\[i\\](u) |\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_selected_row_is_what_is_copied() {
        assert_eq!(row(&extract(&["a", "1", "b", "2"])), "b  2");
        assert_eq!(row(&extract(&[])), "");
    }
}
