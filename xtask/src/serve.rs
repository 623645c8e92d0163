//! A static server for the page, for this machine only.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Take};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::range::{Part, part};

/// Requests answered at the same time: a browser opens six connections.
const THREADS: usize = 6;

/// A running server; it lives as long as the program.
pub struct Served {
    /// Where the page is.
    pub url: String,
    threads: Vec<thread::JoinHandle<()>>,
}

/// Serves `site` until the program is stopped.
pub fn forever(site: &Path, port: u16) -> Result<()> {
    let served = start(site, port)?;
    eprintln!("\nThe playground is at {}  (Ctrl-C stops it)", served.url);
    for thread in served.threads {
        thread.join().map_err(|_| anyhow!("the server stopped: run the command again"))?;
    }
    Ok(())
}

/// Starts to serve `site` on `port`, or the next free one.
pub fn start(site: &Path, port: u16) -> Result<Served> {
    let listener = listen(port)?;
    let url = format!("http://{}/", listener.local_addr()?);
    let server = Server::from_listener(listener, None).map_err(|error| anyhow!("cannot serve: {error}"))?;
    let server = Arc::new(server);
    let site = site.canonicalize().with_context(|| format!("cannot open {}", site.display()))?;
    let site = Arc::new(Site { policy: policy(&site), folder: site });
    let answer_all = || {
        let (server, site) = (Arc::clone(&server), Arc::clone(&site));
        thread::spawn(move || {
            while let Ok(request) = server.recv() {
                // An error means that the visitor has gone.
                let _ = site.answer(request);
            }
        })
    };
    Ok(Served { url, threads: (0..THREADS).map(|_| answer_all()).collect() })
}

fn listen(first: u16) -> Result<TcpListener> {
    let last = first.saturating_add(100);
    let free = (first..=last).find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    free.with_context(|| format!("every port from {first} to {last} is taken: name another with --port"))
}

struct Site {
    folder: PathBuf,
    /// The page's content-security policy: a worker obeys the header that it came with, not the page's `<meta>`.
    policy: Option<String>,
}

impl Site {
    fn answer(&self, request: Request) -> std::io::Result<()> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return request.respond(Response::from_string("only GET and HEAD\n").with_status_code(405));
        }
        let file = find(&self.folder, request.url()).and_then(|path| Some((File::open(&path).ok()?, path)));
        let Some((file, path)) = file else {
            return request.respond(Response::from_string("not found\n").with_status_code(404));
        };
        let mut response = contents(&request, file, mime(&path))?;
        if let Some(policy) = &self.policy {
            response.add_header(header("Content-Security-Policy", policy));
        }
        request.respond(response)
    }
}

/// The file, or the part that the request asks for.
fn contents(request: &Request, mut file: File, mime: &str) -> std::io::Result<Response<Take<File>>> {
    let about = file.metadata()?;
    let (length, tag) = (about.len(), tag(&about));
    let asked = sent(request, "Range").filter(|_| sent(request, "If-Range").is_none_or(|known| known == tag));
    let (status, from, count) = match part(asked, length) {
        _ if sent(request, "If-None-Match") == Some(&tag) => (304, 0, 0),
        Part::Whole => (200, 0, length),
        Part::Range(first, last) => (206, first, last - first + 1),
        Part::Unsatisfiable => (416, 0, 0),
    };
    file.seek(SeekFrom::Start(from))?;
    let mut headers = vec![
        header("Content-Type", mime),
        header("Cache-Control", "no-cache"),
        header("X-Content-Type-Options", "nosniff"),
        header("Accept-Ranges", "bytes"),
        header("ETag", &tag),
    ];
    match status {
        206 => headers.push(header("Content-Range", &format!("bytes {from}-{}/{length}", from + count - 1))),
        416 => headers.push(header("Content-Range", &format!("bytes */{length}"))),
        _ => {}
    }
    let body = Response::new(status.into(), headers, file.take(count), usize::try_from(count).ok(), None);
    Ok(body.with_chunked_threshold(usize::MAX))
}

/// A header of the request.
fn sent<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    request.headers().iter().find(|header| header.field.equiv(name)).map(|header| header.value.as_str())
}

/// A tag that changes with the file: its length and the time of its last change, as other static servers use.
fn tag(about: &fs::Metadata) -> String {
    let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("\"{:x}-{:x}\"", changed.as_nanos(), about.len())
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values are plain ASCII")
}

/// The file that a URL names, if it lies in `folder`, which must be canonical.
fn find(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = decode(path)?;
    let mut file = folder.join(path.trim_start_matches('/')).canonicalize().ok()?;
    if file.is_dir() {
        file = file.join("index.html");
    }
    // After symbolic links and `..` are resolved: nothing outside is ever served.
    (file.starts_with(folder) && file.is_file()).then_some(file)
}

/// Undoes percent-encoding.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'%' => hex(rest.next()?)? * 16 + hex(rest.next()?)?,
            plain => plain,
        };
        bytes.push(decoded);
    }
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0'))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|kind| kind.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "jsonl" | "csv" | "md" | "ts" | "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

/// The policy in the page's `<meta http-equiv="Content-Security-Policy" content="…">`.
fn policy(site: &Path) -> Option<String> {
    let page = fs::read_to_string(site.join("index.html")).ok()?;
    let tag = page.split("http-equiv=\"Content-Security-Policy\"").nth(1)?.split('>').next()?;
    let policy = tag.split("content=\"").nth(1)?.split('"').next()?;
    let one_line = policy.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.is_ascii().then_some(one_line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpStream;

    /// Head and body of the answer to one request.
    fn get(url: &str, target: &str) -> (String, String) {
        get_with(url, target, "")
    }

    /// The same with more headers, each ending its line.
    fn get_with(url: &str, target: &str, headers: &str) -> (String, String) {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    fn example() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("pkg")).unwrap();
        let page = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src\n 'none'\">hello";
        fs::write(site.join("index.html"), page).unwrap();
        fs::write(site.join("pkg/a b.js"), "export {}").unwrap();
        fs::write(site.join("pkg/x.wasm"), "\0asm").unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        folder
    }

    #[test]
    fn serves_files_with_their_types_and_the_pages_policy() {
        let folder = example();
        let served = start(&folder.path().join("site"), 0).unwrap();
        let (head, body) = get(&served.url, "/?seed=1");
        assert!(head.starts_with("HTTP/1.1 200") && body.ends_with("hello"), "{head}");
        assert!(head.contains("Content-Security-Policy: default-src 'none'"), "{head}");
        assert!(get(&served.url, "/pkg/a%20b.js").0.contains("Content-Type: text/javascript"));
        assert!(get(&served.url, "/pkg/x.wasm").0.contains("Content-Type: application/wasm"));
        assert!(get(&served.url, "/pkg/").0.starts_with("HTTP/1.1 404"));
    }

    #[test]
    fn what_a_visitor_has_of_a_file_is_not_sent_again_while_it_is_the_same() {
        let folder = example();
        let served = start(&folder.path().join("site"), 0).unwrap();
        let (head, whole) = get(&served.url, "/pkg/a%20b.js");
        let tag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
        let (head, rest) = get_with(&served.url, "/pkg/a%20b.js", &format!("Range: bytes=3-\r\nIf-Range: {tag}\r\n"));
        assert!(head.starts_with("HTTP/1.1 206") && head.contains("Content-Range: bytes 3-8/9"), "{head}");
        assert_eq!(rest, whole[3..]);
        let (head, other) = get_with(&served.url, "/pkg/a%20b.js", "Range: bytes=3-\r\nIf-Range: \"old\"\r\n");
        assert!(head.starts_with("HTTP/1.1 200") && other == whole, "{head}");
        let (head, none) = get_with(&served.url, "/pkg/a%20b.js", &format!("If-None-Match: {tag}\r\n"));
        assert!(head.starts_with("HTTP/1.1 304") && none.is_empty(), "{head}");
        let (head, none) = get_with(&served.url, "/pkg/a%20b.js", "Range: bytes=9-\r\n");
        assert!(head.starts_with("HTTP/1.1 416") && head.contains("Content-Range: bytes */9") && none.is_empty(), "{head}");
    }

    #[test]
    fn nothing_outside_the_site_is_served() {
        let folder = example();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret"), folder.path().join("site/link")).unwrap();
        let served = start(&folder.path().join("site"), 0).unwrap();
        let secret = folder.path().join("secret");
        for target in
            ["/../secret", "/%2e%2e/secret", "/pkg/..%2f..%2fsecret", "/link", &format!("/{}", secret.display()), "/%ff", "/%"]
        {
            let (head, body) = get(&served.url, target);
            assert!(head.starts_with("HTTP/1.1 404") && !body.contains("secret"), "{target}: {head}");
        }
    }

    #[test]
    fn a_taken_port_gives_way_to_the_next() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(listen(port).unwrap().local_addr().unwrap().port(), port);
    }
}
