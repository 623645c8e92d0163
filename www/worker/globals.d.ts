/** Answers by address that the worker's entry asked for before it had the modules that read them. */
declare var ahead: Map<string, Promise<Response>> | undefined;
