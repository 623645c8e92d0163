/** The page's judgement of whether any expert knows the kind of an item: what its codes leave, against the page's threshold. */
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { LEFT } from '../../www/page/components/familiar.js';
import { SITE } from './server.js';
import { TEST, lacking, site } from './harness.js';

const shipped = existsSync(path.join(SITE, 'www/models/text/model.safetensors.gzip'));
const WITH_TEXT = { ...TEST, skip: TEST.skip || (!shipped && lacking('the site has no text model: cargo xtask text-model, then cargo xtask web')) };

/** Samples of kinds that the default model was trained on, and of kinds that it never saw. */
const KNOWN = ['beauty', 'toys', 'places', 'office', 'grocery', 'games'];
const UNSEEN = ['garden', 'books', 'music-gear', 'movies', 'things', 'animals', 'emoji'];
/** Never seen, and yet like what one expert knows. */
const NEAR = 'foods';

/** Short texts as visitors type them, of kinds that the default model knows. */
const KNOWN_TEXTS = [
  'matte red lipstick', 'volumizing mascara, black', 'shampoo for curly hair', 'vitamin c face serum', 'rose perfume for women',
  'electric razor for men', 'nail polish set', 'wooden puzzle for toddlers', 'building blocks, 500 pieces', 'remote control car', 'plush teddy bear',
  'board game for four players', 'doll house with furniture', 'water gun', 'italian restaurant with a terrace', 'mexican taqueria downtown',
  'hair salon and barber', 'sushi bar', 'auto repair shop', 'nail salon and day spa', 'coffee shop with free wifi', 'ballpoint pens, blue, 12 pack',
  'wireless inkjet printer', 'spiral notebook, college ruled', 'desk organizer', 'toner cartridge for laser printer', 'sticky notes',
  'office chair with armrests', 'espresso coffee beans', 'organic green tea bags', 'gluten free pasta', 'dark chocolate bar',
  'olive oil, extra virgin', 'peanut butter, crunchy', 'basmati rice, 5 pounds', 'wireless controller for playstation 4', 'racing game for xbox one',
  'nintendo 3ds role playing game', 'gaming headset', 'first person shooter for pc',
];

/** Short texts of kinds that it never saw, and texts that mean nothing. */
const STRANGE_TEXTS = [
  'electric guitar with a maple neck', 'violin bow', 'winter tyres 205/55 R16', 'brake pads for a small truck', 'hiking boots, waterproof',
  'wool sweater, grey', 'mountain bike with disc brakes', 'cordless drill with two batteries', 'garden hose, 20 metres', 'lawn mower',
  'a novel about the sea', 'biography of a physicist', 'documentary film about whales', 'romantic comedy from 1987', 'jazz record on vinyl',
  'diamond engagement ring', 'horse saddle', 'aquarium filter', 'fishing rod', 'tent for two people', 'wedding dress', 'concrete mixer',
  'used sailing boat', 'apartment with two bedrooms', 'flight from Lisbon to Oslo', 'income tax return', 'thunderstorm over the hills',
  'the prime minister resigned', 'how old is the universe', 'quadratic equation', 'my brother is late again', 'photosynthesis', 'sedimentary rock',
  'the second punic war', 'asdf qwer zxcv', 'xkq vvrt plomb', 'zzzzz', 'lorem ipsum dolor sit amet', 'blah blah blah', '1234567890',
];

/** @typedef {import('playwright-core').Page} Page */

/**
 * In the page: the share that the default model's codes leave of each row of these samples, or of each of these texts.
 * @param {{samples?: string[], texts?: string[]}} what
 */
async function left({ samples = [], texts = [] }) {
  const at = (/** @type {string} */ name) => new URL(name, document.baseURI).href;
  const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(at(name))).arrayBuffer());
  const { wasmFile } = await import(at('www/shared/simd.js'));
  const { default: init, Opening, Vectors } = await import(at('pkg/unitok.js'));
  await init({ module_or_path: at(`pkg/${wasmFile('unitok')}`) });
  const config = new TextDecoder().decode(await bytes('www/models/default/config.json'));
  const tokenizer = await (await Opening.open(config, 'cpu')).load(await bytes('www/models/default/model.safetensors'));
  const vectors = Vectors.empty(384);
  for (const name of samples) vectors.extend(Vectors.parse(await bytes(`www/samples/${name}.npy`), name, false));
  if (texts.length > 0) {
    const { default: start, TextModel } = await import(at('pkg/unitok_text.js'));
    await start({ module_or_path: at(`pkg/${wasmFile('unitok_text')}`) });
    const zipped = new Blob([await bytes('www/models/text/model.safetensors.gzip')]).stream().pipeThrough(new DecompressionStream('gzip'));
    const weights = new Uint8Array(await new Response(zipped).arrayBuffer());
    const [config, words] = await Promise.all(['config.json', 'tokenizer.json'].map((name) => bytes(`www/models/text/${name}`)));
    vectors.append(await (await TextModel.load(config, words, weights, 'cpu')).embed(texts));
  }
  return [...(await tokenizer.tokenize(vectors, 0, vectors.rows)).residualShares()];
}

/** Share of the items that the page says no expert knows. @param {number[]} left */
const flagged = (left) => left.filter((share) => share > LEFT).length / left.length;

describe('what the codes leave of an item', () => {
  const at = site();

  test('is little of known kinds, and above the threshold for most items of kinds that no expert was trained on', TEST, async (t) => {
    const { page } = await at.tokens('#engine=cpu');
    const all = async (/** @type {string[]} */ samples) => {
      const lefts = [];
      for (const name of samples) {
        const own = await page.evaluate(left, { samples: [name] });
        t.diagnostic(`${name}: ${flagged(own).toFixed(3)} flagged`);
        lefts.push(own);
      }
      return lefts;
    };
    const [known, unseen] = [await all(KNOWN), await all(UNSEEN)];
    t.diagnostic(`of known kinds ${flagged(known.flat()).toFixed(3)}, of others ${flagged(unseen.flat()).toFixed(3)}`);
    assert.ok(flagged(known.flat()) < 0.08);
    assert.ok(flagged(unseen.flat()) > 0.75);
    for (const own of known) assert.ok(flagged(own) < 0.25);
    for (const own of unseen) assert.ok(flagged(own) > 0.45);
    // As the picture says of them.
    const underHalf = known.flat().filter((share) => share < 0.5).length / known.flat().length;
    t.diagnostic(`of known kinds ${underHalf.toFixed(3)} leave less than half`);
    assert.ok(underHalf > 0.6, 'of known kinds mostly under half');
    assert.ok(flagged(await page.evaluate(left, { samples: [NEAR] })) < 0.1, 'an expert for groceries knows foods');
  });

  test('is above the threshold for few short texts of known kinds, and for nearly all strange ones', WITH_TEXT, async (t) => {
    const { page } = await at.tokens('#engine=cpu');
    const [known, strange] = [await page.evaluate(left, { texts: KNOWN_TEXTS }), await page.evaluate(left, { texts: STRANGE_TEXTS })];
    t.diagnostic(`of known kinds ${flagged(known)}: ${KNOWN_TEXTS.filter((_, i) => known[i] > LEFT).join(', ')}`);
    t.diagnostic(`of strange texts ${flagged(strange)}, but not: ${STRANGE_TEXTS.filter((_, i) => strange[i] <= LEFT).join(', ')}`);
    assert.ok(flagged(known) <= 0.15);
    assert.ok(flagged(strange) >= 0.9);
  });
});
