/** NDCG@10 by recommender and preset, where the file has several. */
import { h, select } from '../../page/dom.js';
import { domainName } from '../../shared/format.js';
import { choices, figure, rows } from '../scores.js';
import { figures } from '../table.js';
import { text } from '../text.js';
import { presetName } from './accuracy.js';

const t = text.choices;

/** @param {import('../results.d.ts').Results} results */
export function byRecommenderAndSize(results) {
  const { recommenders, presets } = choices(results);
  const all = presets.flatMap((preset) => recommenders.map((recommender) => /** @type {import('../scores.js').Choice} */ ({ preset, recommender, metric: 'ndcg_at_10', by: 'item' })))
    .filter((choice) => rows(results, choice).some(({ system, recommender }) => !recommender && system.group !== 'floor' && system.group !== 'collaborative'));
  if (all.length < 2) return [];
  const shown = h('div', {});
  const names = results.domains.filter(({ scored }) => scored).map(({ name }) => /** @type {const} */ ([name, domainName(name)]));
  const domain = select(text.main.domain, names, draw);
  function draw() {
    const systems = new Map(all.flatMap((choice) => rows(results, choice)).map((row) => [row.label, row]));
    const cells = [...systems.values()].map((row) => ({
      head: row.label, cells: all.map((choice) => ({ ...figure(results, choice, row, domain.value()), paper: null, others: null })),
    }));
    const columns = [text.main.system, ...all.map(({ recommender, preset }) => `${recommender}, ${presetName(preset)}`)];
    shown.replaceChildren(figures(t.caption(domainName(domain.value())), columns, [{ rows: cells.filter((row) => row.cells.some(({ kind }) => kind === 'estimate')) }]));
  }
  draw();
  return [domain.element, shown];
}
