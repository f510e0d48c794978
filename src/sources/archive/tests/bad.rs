//! What cannot be read is said with its name, and the rest is read.

use super::*;

#[test]
fn damaged_files_are_said_and_their_whole_part_read() {
    let bed = Bed::new();
    let text: Vec<u8> = (0..20_000)
        .flat_map(|n| format!("line {n} {}\n", n * 7919 % 1013).into_bytes())
        .collect();
    let whole = gzip(&text);
    bed.write("mail.log.4.gz", &whole[..whole.len() / 2]);
    bed.write("mail.log.3.gz", "this is no gzip file\n");
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    bed.write("mail.log.2.gz", broken);
    bed.write("mail.log.1.xz", "no xz file");
    bed.write("mail.log", "now\n");
    let (given, remarks) = all(&Archive::of_log(&bed.log(), now()));
    assert!(given.starts_with("line 0 0\nline 1 "));
    assert!(given.ends_with("\nnow\n"));
    assert!(given.matches("line 0 0\n").count() == 2, "both whole parts");
    let starts = [
        "mail.log.4.gz: it ends too early: gzip did not finish it; the rest of it is not read",
        "mail.log.3.gz: it is damaged: ",
        "mail.log.2.gz: it is damaged: ",
        "mail.log.1.xz: it is damaged: xz -dc failed (exit status: 1); not read",
    ];
    assert_eq!(remarks.len(), starts.len(), "{remarks:?}");
    for (remark, start) in remarks.iter().zip(starts) {
        assert!(remark.starts_with(start), "{remark}");
    }
}

#[test]
fn what_is_no_log_is_said() {
    let bed = Bed::new();
    bed.write("empty.log", "");
    bed.write("good.log", "good\n");
    bed.write("odd.log.1.lz4", "whatever");
    std::fs::create_dir(bed.path("directory.log")).unwrap();
    let named = [
        "none.log",
        "directory.log",
        "empty.log",
        "odd.log.1.lz4",
        "good.log",
    ]
    .map(|name| bed.path(name));
    let (given, remarks) = all(&Archive::of_files(&named, now(), Utc.fix()));
    assert_eq!(given, "good\n");
    assert_eq!(
        remarks,
        [
            "none.log: there is no such file; not read",
            "directory.log: it is a directory; not read",
            "empty.log: it is empty",
            "odd.log.1.lz4: this packing is not known; not read",
        ]
    );
}

#[test]
fn a_pipe_is_read_once() {
    let bed = Bed::new();
    let fifo = bed.path("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&fifo, gzip(b"through a pipe\n")).unwrap());
        let archive = Archive::of_files(std::slice::from_ref(&fifo), now(), Utc.fix());
        assert_eq!(all(&archive), (String::from("through a pipe\n"), vec![]));
        assert_eq!(
            all(&archive).1,
            ["fifo: it can be read only once; not read"]
        );
    });
}

#[test]
fn a_pipe_that_is_kept_is_read_again_packed_or_not() {
    let text = "through a pipe\n";
    let packings = ["xz", "zstd", "bzip2"].map(|command| packed(command, text.as_bytes()));
    let plain_or_gzip = [text.as_bytes().to_vec(), gzip(text.as_bytes())];
    for bytes in packings.into_iter().chain(plain_or_gzip) {
        let bed = Bed::new();
        let fifo = bed.path("fifo");
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, 0o600.into(), 0).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| std::fs::write(&fifo, &bytes).unwrap());
            let named = std::slice::from_ref(&fifo);
            let archive = Archive::of_files_kept(named, now(), Utc.fix());
            for _ in 0..2 {
                assert_eq!(all(&archive), (String::from(text), vec![]));
            }
        });
    }
}

#[test]
fn a_log_without_a_directory_is_said() {
    let archive = Archive::of_log(Path::new("/nowhere/mail.log"), now());
    assert_eq!(
        all(&archive).1,
        ["mail.log: there is no such file; not read"]
    );
}

#[test]
fn a_refused_file_is_said_with_the_fix() {
    // Nothing is refused to root, who may run this: the sentence alone.
    let refused = std::io::ErrorKind::PermissionDenied.into();
    assert_eq!(
        Remark::of_error(Path::new("mail\x1b.log"), &refused, false).to_string(),
        "mail\\x1b.log: permission denied; not read: add this user to the group of the file, often adm"
    );
}
