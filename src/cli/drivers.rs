//! Graphics drivers and the layers below them print on stderr as they are opened, for example Mesa's device selection where
//! there is no `XDG_RUNTIME_DIR`. That is no news for who runs a command, so it is left out.

/// Variables by which people ask drivers for messages; with one of them stderr stays as it is.
#[cfg(unix)]
const ASKED: [&str; 5] = ["VK_LOADER_DEBUG", "MESA_DEBUG", "LIBGL_DEBUG", "WAYLAND_DEBUG", "MESA_LOG_LEVEL"];

/// Runs `open`, which opens a device, without what drivers print meanwhile.
#[cfg(unix)]
pub fn without_noise<T>(open: impl FnOnce() -> T) -> T {
    let asked = ASKED.iter().any(|name| std::env::var_os(name).is_some());
    let _silenced = if asked { None } else { Silenced::new().ok() };
    open()
}

/// Runs `open`.
#[cfg(not(unix))]
pub fn without_noise<T>(open: impl FnOnce() -> T) -> T {
    open()
}

/// As long as it lives, stderr goes to a temporary file.
#[cfg(unix)]
struct Silenced {
    stderr: std::os::fd::OwnedFd,
    said: std::fs::File,
}

#[cfg(unix)]
impl Silenced {
    fn new() -> std::io::Result<Self> {
        let stderr = std::os::fd::AsFd::as_fd(&std::io::stderr()).try_clone_to_owned()?;
        // Where no temporary file can be made, what is said is lost.
        let null = || std::fs::File::options().read(true).write(true).open("/dev/null");
        let said = tempfile::tempfile().or_else(|_| null())?;
        rustix::stdio::dup2_stderr(&said)?;
        Ok(Self { stderr, said })
    }
}

#[cfg(unix)]
impl Drop for Silenced {
    fn drop(&mut self) {
        let _ = rustix::stdio::dup2_stderr(&self.stderr);
        // A panic says why on stderr.
        if std::thread::panicking() {
            let _ = std::io::Seek::rewind(&mut self.said);
            let _ = std::io::copy(&mut self.said, &mut std::io::stderr());
        }
    }
}
