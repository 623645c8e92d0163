/** A made-up `results.json`: every figure follows from a formula and was never measured. */

const DOMAINS = ['synthetic-a', 'synthetic-b', 'synthetic-c'];
/** Name, label, group, training, strength. @type {[string, string, string, string, number][]} */
const SYSTEMS = [
  ['popularity', 'Most popular items', 'floor', 'none', 0.1],
  ['popularity-by-code', 'Most popular codewords of UniTok', 'floor', 'unified', 0.12],
  ['graph', 'Transition graph', 'floor', 'none', 0.8],
  ['random', 'Random codewords', 'control', 'none', 0.55],
  ['mf', 'MF', 'collaborative', 'none', 0.5],
  ['sasrec', 'SASRec', 'collaborative', 'none', 0.9],
  ['tiger', 'TIGER', 'per-domain', 'domain', 0.85],
  ['letter', 'LETTER', 'per-domain', 'domain', 0.95],
  ['tiger-unified', 'TIGER, one for all domains', 'others-unified', 'unified', 0.8],
  ['unitok-1', 'UniTok-1 (one set of codebooks)', 'uni-tok', 'unified', 0.82],
  ['unitok', 'UniTok', 'uni-tok', 'unified', 0.97],
  ['unitok-histories', 'UniTok, reading histories too', 'uni-tok', 'unified', 1.1],
  ['itemid', 'Item ids', 'control', 'none', 1.2],
];

const score = (strength, domain) => 0.03 * strength * (1 + 0.3 * domain);
const estimate = (value) => ({ kind: 'estimate', value, low: value * 0.9, high: value * 1.1 });
const words = (text) => ({ kind: 'text', text });

function run([system, , , training, strength], domain, changes = {}) {
  const value = score(strength, domain);
  const metrics = (factor) => ({ recall_at_5: value * 1.2 * factor, recall_at_10: value * 1.8 * factor, ndcg_at_5: value * 0.8 * factor, ndcg_at_10: value * factor });
  const reads = !['popularity', 'graph', 'mf', 'sasrec'].includes(system);
  return {
    domain: DOMAINS[domain], system, training, settings: '', recommender: reads && system !== 'popularity-by-code' ? 'dec' : system, preset: 'quick', seed: 1, size: 'reduced',
    users: 4000, by_item: metrics(1), by_code: metrics(1.4), interval: [value * 0.9, value * 1.1], by_popularity: [], validation_ndcg_at_10: value, epochs: 12, best_epoch: 9,
    seconds: 40 + 100 * strength, parameters: 250_000,
    tokens: reads ? { trained_on: DOMAINS, parameters: 960_000, seconds: 240, width: 4, items: 2000, unique: 1990, measured: { rec: 0.5 - strength / 10, q: 0.07 }, quality: { nats_per_item: 9 - strength, lift: [3 * strength, 1], neighbour_recall: [0.2 * strength, 0.1], gini: [0.3] } } : null,
    command: `unitok compare --preset quick --catalog synthetic --systems ${system} --seed 1`,
    ...changes,
  };
}

/** A table of estimates by system. */
function table(id, title, columns, names) {
  const rows = SYSTEMS.filter(([name]) => names.includes(name)).map(([, label, , , strength]) => [words(label), ...columns.slice(1).map((column) => (column.startsWith('paper') ? { kind: 'number', value: 0.0432, digits: 4 } : estimate(score(strength, 1))))]);
  rows.push([words('TIGER of nobody'), ...columns.slice(1).map(() => ({ kind: 'empty' }))]);
  return { id, title, note: 'Made up.', columns, rows };
}

/** The whole file. */
export function results() {
  const plain = SYSTEMS.flatMap((system) => DOMAINS.map((_, domain) => run(system, domain)));
  const more = [run(SYSTEMS[10], 0, { preset: 'paper', size: 'full', recommender: 't5', seed: 2 }), run(SYSTEMS[6], 1, { training: 'zero-shot' }), run(SYSTEMS[10], 0, { settings: 'model.levels=3' })];
  const names = SYSTEMS.map(([name]) => name);
  const ratio = (value) => ({ value, low: value * 0.95, high: value * 1.05 });
  return {
    format: 1, preset: 'quick', size: 'reduced', recommender: 'dec', command: 'unitok compare --preset quick', complete: false, planned: 60,
    domains: DOMAINS.map((name) => ({ name, items: 2000, users: 4000, training_interactions: 40_000, scored: true })),
    systems: SYSTEMS.map(([name, label, group]) => ({ name, label, group })),
    runs: [...plain, ...more],
    claims: [['unitok', 'the better of tiger and lc-rec in each domain (tiger, tiger, tiger)', 1.1], ['unitok', 'unitok-1', 1.02], ['unitok-histories', 'letter', 0.9]]
      .map(([system, against, value]) => ({ system, against, domains: DOMAINS, ratio: ratio(value), difference: ratio(0.001), verdict: 'open' })),
    agreement: ['synthetic-a: UniTok has 1.10 times the N@10 of the best other system, TIGER (95 % interval 1.05 to 1.16): this agrees with the paper, where UniTok leads.'],
    theorems: [{ theorem: 1, claim: 'a claim', found: 'a finding', holds: true }],
    correlations: [{ measure: 'log-loss of a back-off chain, nats an item', runs: 24, spearman: { value: 0.83, low: 0.6, high: 0.92 } }],
    tables: [
      table('accuracy', 'Accuracy, mean', ['system', 'R@10', 'N@10', 'N@10 by code'], names),
      ...DOMAINS.map((name) => table(`accuracy-${name}`, `Accuracy on ${name}`, ['system', 'R@10', 'N@10', 'N@10 by code', 'paper\'s N@10'], ['tiger'])),
      ...['unified', 'zero-shot', 'ablation', 'sweep-levels', 'parameters', 'popularity', 'entropy', 'health', 'claims', 'quality'].map((id) => table(id, `Made-up ${id}`, ['tokenizer', 'N@10', 'ratio', 'paper\'s N@10'], ['tiger', 'unitok-1', 'unitok'])),
      { id: 'theorems', title: 'The three theorems', note: '', columns: ['theorem', 'it says', 'found', 'holds'], rows: [[words('1'), words('a claim that is as long as a sentence'), words('a finding that is as long as a sentence'), words('yes')]] },
    ],
    figures: [
      { id: 'accuracy-synthetic-a', title: 'not shown', x: '', y: '', places: ['a', 'b'], series: [{ name: 'here', mark: 'dot', points: [{ x: 0, y: 1, interval: null, label: null }] }] },
      { id: 'sweep-levels', title: 'UniTok by its levels', x: 'levels L', y: 'NDCG@10', places: ['2', '3', '4'], series: [{ name: 'unitok', mark: 'line', points: [0, 1, 2].map((x) => ({ x, y: 0.03 + x / 1000, interval: [0.028, 0.035], label: null })) }] },
      { id: 'quantization', title: 'Quantisation error in training', x: 'steps', y: 'unexplained share', places: [], series: ['unitok', 'tiger'].map((name, i) => ({ name, mark: 'line', points: [0, 500, 1000].map((x) => ({ x, y: 0.5 / (1 + i + x / 500), interval: null, label: null })) })) },
    ],
    reference: {
      paper: { source: 'made up', accuracy: Object.fromEntries(names.slice(4).map((name, i) => [name, { 'synthetic-a': 0.03 + i / 1000, 'synthetic-b': 0.04 }])), zero_shot: {}, parameters: {}, entropy: {} },
      anchors: [{ domain: 'synthetic-a', system: 'sasrec', method: 'SASRec', recall_at_10: 0.09, ndcg_at_10: 0.05, source: 'made up' }],
    },
    unknown: { field: [1, 2, 3] },
  };
}
