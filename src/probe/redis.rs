//! How many clients a Redis server sees: one connection that asks it again and again.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::report::RedisReport;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer that is read; `INFO` gives a few thousand bytes.
const LONGEST_ANSWER: u64 = 1024 * 1024;
const DEFAULT_PORT: u16 = 6379;

/// The address of a Redis server: `redis://[USER[:PASSWORD]@]HOST[:PORT]` or `unix://PATH`.
/// Shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl {
    place: Location,
    user: Option<String>,
    password: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Location {
    Tcp(String, u16),
    Unix(PathBuf),
}

/// Why a text is no address of a Redis server that can be asked. Repeats no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    /// TLS.
    #[error("a Redis server behind TLS (rediss://) cannot be watched; name an address without TLS")]
    Tls,
    /// Anything else.
    #[error(
        "this is no address of a Redis server; write redis://[USER[:PASSWORD]@]HOST[:PORT] or \
         unix://PATH"
    )]
    Malformed,
}

impl FromStr for RedisUrl {
    type Err = RedisUrlError;

    fn from_str(text: &str) -> Result<Self, RedisUrlError> {
        if text.starts_with("rediss://") {
            return Err(RedisUrlError::Tls);
        }
        if let Some(path) = text.strip_prefix("unix://") {
            let path = path.split('?').next().unwrap_or(path);
            if path.is_empty() {
                return Err(RedisUrlError::Malformed);
            }
            return Ok(Self { place: Location::Unix(path.into()), user: None, password: None });
        }
        let rest = text.strip_prefix("redis://").ok_or(RedisUrlError::Malformed)?;
        let rest = rest.split(['/', '?']).next().unwrap_or(rest);
        let (credentials, address) = match rest.rsplit_once('@') {
            Some((credentials, address)) => (Some(credentials), address),
            None => (None, rest),
        };
        let (user, password) = match credentials.map(|both| both.split_once(':')) {
            Some(Some((user, password))) => {
                ((!user.is_empty()).then(|| user.to_owned()), Some(password.to_owned()))
            }
            // As redis-py and redis-cli read it, a single word is the user's name.
            Some(None) => (credentials.map(str::to_owned), None),
            None => (None, None),
        };
        let (host, port) = host_and_port(address).ok_or(RedisUrlError::Malformed)?;
        Ok(Self {
            place: Location::Tcp(host, port),
            user: user.map(|user| percent_decoded(&user)),
            password: password.map(|password| percent_decoded(&password)),
        })
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Location::Tcp(host, port) if host.contains(':') => write!(f, "redis://[{host}]:{port}"),
            Location::Tcp(host, port) => write!(f, "redis://{host}:{port}"),
            Location::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

fn host_and_port(address: &str) -> Option<(String, u16)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let port = port.map_or(Ok(DEFAULT_PORT), str::parse).ok()?;
    let host = if host.is_empty() { "localhost" } else { host };
    Some((host.to_owned(), port))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = [ahead.next(), ahead.next()].map(|digit| {
            digit
                .and_then(|digit| char::from(digit).to_digit(16))
                .and_then(|digit| u8::try_from(digit).ok())
        });
        match (byte, digits) {
            (b'%', [Some(high), Some(low)]) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks one server again and again.
#[derive(Debug)]
pub(super) struct Watcher {
    url: RedisUrl,
    connection: Option<Connection>,
    /// Connections that it took and refused, as it said when first asked.
    first: Option<(u64, u64)>,
    report: RedisReport,
}

impl Watcher {
    pub(super) fn new(url: RedisUrl) -> Self {
        let report = RedisReport { server: url.to_string(), ..RedisReport::default() };
        Self { url, connection: None, first: None, report }
    }

    /// Asks once. A server that is not there yet, or not any more, is asked again next time.
    pub(super) fn sample(&mut self) {
        match self.ask() {
            Ok(()) => {}
            Err(error) => {
                self.connection = None;
                self.report.error = Some(error.to_string());
            }
        }
    }

    /// What the server said over the whole time.
    pub(super) fn finish(mut self) -> RedisReport {
        self.sample();
        // Of no interest where it was reached before or after.
        if self.report.samples > 0 {
            self.report.error = None;
        }
        self.report
    }

    fn ask(&mut self) -> io::Result<()> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(Connection::open(&self.url)?),
        };
        let clients = connection.info("clients")?;
        let stats = connection.info("stats")?;
        let connected = field(&clients, "connected_clients").ok_or_else(|| {
            io::Error::other("the answer does not say how many clients there are")
        })?;
        // This connection is one of them.
        self.report.peak_clients = self.report.peak_clients.max(connected.saturating_sub(1));
        self.report.samples += 1;
        self.report.limit = field(&clients, "maxclients").or(self.report.limit);
        if let (Some(taken), Some(refused)) =
            (field(&stats, "total_connections_received"), field(&stats, "rejected_connections"))
        {
            let (taken_first, refused_first) = *self.first.get_or_insert((taken, refused));
            self.report.connections = Some(taken.saturating_sub(taken_first));
            self.report.refused = Some(refused.saturating_sub(refused_first));
        }
        Ok(())
    }
}

fn field(info: &str, name: &str) -> Option<u64> {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .and_then(|value| value.trim().parse().ok())
}

trait Stream: Read + Write + Send + fmt::Debug {}
impl Stream for TcpStream {}
impl Stream for UnixStream {}

/// A connection that speaks as much of the protocol as two commands need.
#[derive(Debug)]
struct Connection(BufReader<Box<dyn Stream>>);

impl Connection {
    fn open(url: &RedisUrl) -> io::Result<Self> {
        let stream: Box<dyn Stream> = match &url.place {
            Location::Tcp(host, port) => Box::new(connect(host, *port)?),
            Location::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                Box::new(stream)
            }
        };
        let mut connection = Self(BufReader::new(stream));
        match (&url.user, &url.password) {
            (Some(user), Some(password)) => connection.call(&["AUTH", user, password])?,
            (None, Some(password)) => connection.call(&["AUTH", password])?,
            (_, None) => String::new(),
        };
        Ok(connection)
    }

    fn info(&mut self, section: &str) -> io::Result<String> {
        self.call(&["INFO", section])
    }

    fn call(&mut self, words: &[&str]) -> io::Result<String> {
        let mut question = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            question.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
        }
        self.0.get_mut().write_all(&question)?;
        self.answer()
    }

    /// A simple string, an error, or a bulk string: the only answers that these commands have.
    fn answer(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        (&mut self.0).take(LONGEST_ANSWER).read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if let Some(text) = line.strip_prefix('+') {
            return Ok(text.to_owned());
        }
        if let Some(error) = line.strip_prefix('-') {
            return Err(io::Error::other(format!("the server says: {error}")));
        }
        let length: u64 = line
            .strip_prefix('$')
            .and_then(|length| length.parse().ok())
            .filter(|length| *length < LONGEST_ANSWER)
            .ok_or_else(|| io::Error::other("the answer is not Redis's"))?;
        let mut bulk = Vec::new();
        (&mut self.0).take(length + 2).read_to_end(&mut bulk)?;
        if bulk.len() as u64 != length + 2 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&bulk).into_owned())
    }
}

fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the host has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Location, Option<String>, Option<String>) {
        let url: RedisUrl = text.parse().unwrap();
        (url.place, url.user, url.password)
    }

    #[test]
    fn addresses_are_read() {
        let tcp = |host: &str, port| Location::Tcp(host.to_owned(), port);
        assert_eq!(parsed("redis://h"), (tcp("h", 6379), None, None));
        assert_eq!(parsed("redis://h:1/2?x=y"), (tcp("h", 1), None, None));
        assert_eq!(parsed("redis://[::1]:7"), (tcp("::1", 7), None, None));
        assert_eq!(parsed("redis://"), (tcp("localhost", 6379), None, None));
        let secret = (tcp("h", 6379), None, Some("p@:".to_owned()));
        assert_eq!(parsed("redis://:p%40:@h"), secret);
        let both = (tcp("h", 6379), Some("u".to_owned()), Some("p@q".to_owned()));
        assert_eq!(parsed("redis://u:p@q@h"), both);
        assert_eq!(parsed("unix:///run/r.sock?db=1").0, Location::Unix("/run/r.sock".into()));
        assert_eq!("rediss://h".parse::<RedisUrl>(), Err(RedisUrlError::Tls));
        for text in ["", "h:6379", "http://h", "redis://h:x", "redis://h:99999", "unix://"] {
            assert_eq!(text.parse::<RedisUrl>(), Err(RedisUrlError::Malformed), "{text}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let url: RedisUrl = "redis://me:hunter2@h".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "redis://h:6379 RedisUrl(redis://h:6379)");
    }

    #[test]
    fn info_is_read_by_name() {
        let info = "# Clients\r\nconnected_clients:13\r\nmaxclients:20\r\n";
        assert_eq!(field(info, "connected_clients"), Some(13));
        assert_eq!(field(info, "connected"), None);
    }
}
