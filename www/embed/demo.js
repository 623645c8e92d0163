import { load } from './tokenizer.js';

const tokenizer = await load();
const file = await fetch(new URL('../samples/beauty.npy', import.meta.url));
const tokens = await tokenizer.tokenize(await file.arrayBuffer());
const shown = document.querySelector('#tokens');
if (shown) shown.textContent = tokens.map((words) => words.join('')).join('\n');
