/** Requests of the page that tsc must refuse. Nothing runs this file: `npm run types` checks it. */

/** @param {import('../../../www/page/client.js').Client} client */
export async function requests(client) {
  const { loss } = await client.request('reconstruct', { item: 1 });
  loss.toFixed();
  // @ts-expect-error: no such kind of request
  await client.request('reconstrct', { item: 1 });
  // @ts-expect-error: no such field of the request
  await client.request('reconstruct', { items: 1 });
  // @ts-expect-error: a field of the request is missing
  await client.request('reconstruct', {});
  // @ts-expect-error: no such field of the response
  (await client.request('reconstruct', { item: 1 })).lost;
}
