/** The worker that `preflight.js` started, with what it said before the client took it over. */
declare var firstWorker: { worker: Worker; seen: Event[] } | undefined;
