//! Rows of text: from standard input to standard output.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use super::batch::{Fate, JudgedPart, PartRows, RowJudge};
use super::columns::{self, Cell, OF_DOMAIN, OF_VERDICT};
use super::foreign::{not_such, refuse};
use super::pieces::{Batches, Piece};
use super::text::TextForm;
use super::{STANDARD_INPUT, carried};
use crate::census::CensusOptions;
use crate::cli::StreamFormat;
use crate::config::StreamConfig;
use crate::error::{Error, Result};
use crate::input::accounts::{
    AccountForm, AccountFormat, AccountLayout, AccountSink, FormOptions, no_accounts, plain_layout, taken,
};
use crate::input::source::{Head, Source};
use crate::input::without_byte_order_mark;
use crate::name::Rejection;
use crate::progress::Progress;
use crate::threads::side_by_side;

/// Bytes of the cells that are added to a row, about.
const ADDED_BYTES: usize = 160;

/// A text whose beginning was looked at.
pub(super) struct TextRows {
    source: Source,
    layout: AccountLayout,
    /// Where the data start.
    start: usize,
    header: Vec<u8>,
    form: TextForm,
    names: Vec<String>,
    options: CensusOptions,
    batch_rows: usize,
    /// Bytes that are added to a row, about.
    added_bytes: usize,
}

impl TextRows {
    /// Looks at the beginning of standard input.
    pub(super) fn open(config: StreamConfig) -> Result<Self> {
        let path = Path::new(STANDARD_INPUT);
        let source = Source::stat(path)?.unhashed();
        let head = source.head(AccountForm::HEAD_BYTES)?;
        let StreamConfig { format, mut form, prefix, batch_rows, with_servers, .. } = config;
        let names = columns::names(&prefix, with_servers);
        form.columns.taken = names.clone();
        let (layout, start) = layout(&head, format, &form, path)?;
        let text_form = match &layout {
            AccountLayout::Csv { delimiter, columns } => {
                TextForm::Csv { delimiter: *delimiter, width: columns.width }
            }
            AccountLayout::Plain { delimiter, columns } => {
                TextForm::Plain { delimiter: *delimiter, width: columns.width }
            }
            _ => TextForm::Ndjson,
        };
        let header = without_byte_order_mark(&head.text[..start]).to_vec();
        let header = if form.no_header { Vec::new() } else { header };
        let options = CensusOptions { form, ..CensusOptions::default() };
        let added_bytes = ADDED_BYTES
            + match text_form {
                TextForm::Ndjson => names.iter().map(|name| name.len() + r#""":null,"#.len()).sum(),
                _ => 0,
            };
        Ok(Self { source, layout, start, header, form: text_form, names, options, batch_rows, added_bytes })
    }

    /// Judges all rows. A batch is written while the next one is judged.
    ///
    /// They are judged from this thread, always the same one: what is allocated here is freed here, and allocators keep
    /// memory for each thread.
    pub(super) fn write(&self, judge: &mut RowJudge, to: &mut (dyn Write + Send)) -> io::Result<()> {
        let mut waiting = Vec::new();
        if !self.header.is_empty() {
            let mut header = Vec::new();
            self.form.write_header(&self.header, &self.names, &mut header);
            waiting.push(header);
        }
        let chunks =
            self.source.chunks(self.layout.cutter(self.start), &Progress::hidden()).map_err(carried)?;
        let mut batches = Batches::new(chunks, &self.layout, self.start, self.batch_rows);
        loop {
            let batch = batches.next().map_err(carried)?;
            if batch.is_empty() {
                write_all(waiting, to)?;
                return batches.finish().map_err(carried);
            }
            let (written, judged) = side_by_side(|| write_all(waiting, to), || self.judge(judge, &batch));
            written?;
            waiting = judged.map_err(carried)?;
        }
    }

    fn judge(&self, judge: &mut RowJudge, batch: &[Piece]) -> Result<Vec<Vec<u8>>> {
        let take = |piece: &Piece, sink: &mut super::batch::PartTaker<'_>| {
            match piece.text() {
                Some(text) => {
                    self.layout.parse(text, sink);
                }
                None => {
                    sink.record(0..0);
                    sink.malformed(1, None);
                }
            }
            sink.check(|name, prefix| taken(name, prefix, Path::new(STANDARD_INPUT)))
        };
        let render = |piece: &Piece, rows: &PartRows, judged: &JudgedPart<'_>| {
            self.render(piece.text().unwrap_or_default(), rows, judged)
        };
        judge.judge(batch, &self.options, take, render)
    }

    /// The rows of a piece with their cells.
    fn render(&self, text: &[u8], rows: &PartRows, judged: &JudgedPart<'_>) -> Vec<u8> {
        let (of_domain, rest) = self.names.split_at(OF_DOMAIN.len());
        let (of_verdict, at_end) = rest.split_at(OF_VERDICT.len());
        let as_of = judged.as_of();
        let verdicts: Vec<Vec<u8>> =
            judged.verdicts().map(|it| self.cells(of_verdict, &columns::of_verdict(it, as_of))).collect();
        let no_domain = self.cells(of_domain, &[const { Cell::Null }; OF_DOMAIN.len()]);
        let no_end = self.cells(at_end, &judged.no_end());
        let rejected =
            Rejection::ALL.iter().map(|reason| self.cells(of_verdict, &columns::of_rejected(*reason)));
        let rejected: Vec<Vec<u8>> = rejected.collect();
        let mut out = Vec::with_capacity(text.len() + judged.rows() * self.added_bytes);
        // where the cells of a mail domain were written: they are copied from there; a row that was judged has a member,
        // so they follow a comma in JSON
        let mut written: Vec<Option<[Range<usize>; 2]>> = vec![None; judged.mail().len()];
        for (fate, record) in judged.fates().zip(&rows.records) {
            let row = &text[record.clone()];
            match fate {
                Fate::Judged { mail, verdict } => {
                    self.form.open_row(row, None, &mut out);
                    if let Some([before, after]) = &written[mail] {
                        out.extend_from_within(before.clone());
                        out.extend_from_slice(&verdicts[verdict]);
                        out.extend_from_within(after.clone());
                    } else {
                        let (before, after) = judged.domain_cells(&judged.mail()[mail]);
                        let before = self.write_cells(of_domain, &before, &mut out);
                        out.extend_from_slice(&verdicts[verdict]);
                        written[mail] = Some([before, self.write_cells(at_end, &after, &mut out)]);
                    }
                }
                Fate::Rejected(reason) => {
                    self.form.open_row(row, Some(reason), &mut out);
                    for cells in [&no_domain, &rejected[reason as usize], &no_end] {
                        self.form.add_cells(cells, &mut out);
                    }
                }
            }
            self.form.close_row(&mut out);
        }
        out
    }

    fn cells(&self, names: &[String], cells: &[Cell<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_cells(names, cells, &mut out);
        out
    }

    /// Appends cells, and says where.
    fn write_cells(&self, names: &[String], cells: &[Cell<'_>], out: &mut Vec<u8>) -> Range<usize> {
        let start = out.len();
        names.iter().zip(cells).for_each(|(name, cell)| self.form.write_cell(name, cell, out));
        start..out.len()
    }
}

/// Writes the parts, each of which takes memory until then.
fn write_all(parts: Vec<Vec<u8>>, to: &mut (dyn Write + Send)) -> io::Result<()> {
    parts.into_iter().try_for_each(|part| to.write_all(&part))?;
    to.flush()
}

/// How a text in this format is written; without one, by its first byte.
fn layout(
    head: &Head,
    format: Option<StreamFormat>,
    form: &FormOptions,
    path: &Path,
) -> Result<(AccountLayout, usize)> {
    if let Some(error) = refuse(&head.text, head.is_packed, format, form.delimiter) {
        return Err(error);
    }
    if let Some(broken) = &head.broken {
        return Err(broken.at(path));
    }
    let text = without_byte_order_mark(&head.text);
    if let (None, Some(error)) = (format, no_accounts(text, path)) {
        return Err(error);
    }
    // a part of an input may have no rows at all, and without a header that is nothing
    if form.no_header && head.is_whole && text.is_empty() {
        return Ok((AccountLayout::Text, head.text.len()));
    }
    let first = text.trim_ascii_start().first();
    let format = match format {
        Some(StreamFormat::Tsv) => {
            return plain_layout(head, form.delimiter.unwrap_or(b'\t'), form, path);
        }
        Some(StreamFormat::Ndjson) => AccountFormat::Ndjson,
        None if first == Some(&b'{') => AccountFormat::Ndjson,
        _ => AccountFormat::Csv,
    };
    let options = FormOptions { format: Some(format), ..form.clone() };
    match AccountForm::tell(head, path, &options)? {
        AccountForm::Text(layout, _) if matches!(*layout, AccountLayout::Json(_)) => {
            let error = not_such("JSON that is not one object on each line", Some(StreamFormat::Ndjson));
            let command = if first == Some(&b'[') { "jq -c '.[]' FILE" } else { "jq -c . FILE" };
            let hint = format!("write it so: `{command} | zonelapse stream --format ndjson`");
            Err(error.hint(hint))
        }
        AccountForm::Text(layout, start) => Ok((*layout, start)),
        AccountForm::Parquet => Err(Error::internal("a text was read as Parquet")),
    }
}
