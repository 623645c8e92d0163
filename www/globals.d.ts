/** Written above the service worker by `cargo xtask web`. */
declare const SITE: {
  /** Changes with every file. */
  version: string;
  /** Paths from the root, and how their SHA-256 begins. */
  files: Record<string, string>;
};

/** Started by `preflight.js`, with what it said before the client took it over. */
declare var firstWorker: { worker: Worker; seen: Event[] } | undefined;

/** Of the worker: by address, what it asked for before it had the modules that read it. */
declare var ahead: Map<string, Promise<Response>> | undefined;
