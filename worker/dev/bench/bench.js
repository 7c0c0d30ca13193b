import { ask } from './client.js';
import { element } from './element.js';
import { members } from './form.js';
import { answered } from './question.js';
import { code, shown } from './show.js';

const place = document.getElementById('tool');

try {
  const [{ tools }, { _meta: about }] = await Promise.all([ask('tools/list'), ask('server/discover')]);
  const server = about['io.modelcontextprotocol/serverInfo'];
  document.getElementById('server').textContent = `${server.title ?? server.name} ${server.version}`;
  document.title = `Try ${server.name}`;
  const links = tools.map((tool) => element('a', { href: `#${tool.name}`, title: tool.name }, tool.title ?? tool.name));
  document.getElementById('tools').append(...links.map((link) => element('li', {}, link)));
  const open = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const index = Math.max(
      tools.findIndex((tool) => tool.name === name),
      0,
    );
    for (const [at, link] of links.entries()) link.setAttribute('aria-current', String(at === index));
    if (tools[index] !== undefined) place.replaceChildren(...bench(tools[index]));
    else place.replaceChildren(element('p', {}, 'This server has no tools.'));
  };
  addEventListener('hashchange', open);
  open();
} catch (error) {
  place.replaceChildren(element('p', { className: 'failed' }, String(error.message ?? error)));
}

/** The form of one tool, and the result of its calls. */
function bench(tool) {
  const form = members(tool.inputSchema);
  const sent = element('textarea', { rows: 6, className: 'json', 'aria-label': 'The arguments as JSON' });
  const raw = element('details', {}, element('summary', {}, 'As JSON, for values that the form cannot express'), sent);
  const outcome = element('section', { id: 'outcome', 'aria-live': 'polite' });
  const call = element('button', { type: 'submit' }, 'Call');
  const cancel = element('button', { type: 'button', hidden: true }, 'Cancel');
  const write = () => {
    sent.value = JSON.stringify(form.read(), null, 2);
  };
  form.node.addEventListener('input', write);
  form.node.addEventListener('change', write);
  write();
  const whole = element('form', { id: 'form' }, form.node, raw, element('p', {}, call, ' ', cancel));
  whole.onsubmit = async (event) => {
    event.preventDefault();
    const aborting = new AbortController();
    cancel.onclick = () => aborting.abort();
    [call.disabled, cancel.hidden] = [true, false];
    await run(tool, sent.value, outcome, aborting.signal);
    [call.disabled, cancel.hidden] = [false, true];
  };
  const title = element('h2', {}, tool.title ?? tool.name, ' ', element('small', {}, tool.name));
  const hints = Object.entries(tool.annotations ?? {}).filter(([key, value]) => key.endsWith('Hint') && value === true);
  const notes = hints.map(([key]) => element('span', { className: 'hint' }, key.replace('Hint', '')));
  const schemas = element(
    'details',
    {},
    element('summary', {}, 'Schemas'),
    code(tool.inputSchema),
    code(tool.outputSchema ?? null),
  );
  return [title, element('p', {}, tool.description ?? ''), element('p', {}, ...notes), whole, outcome, schemas];
}

async function run(tool, json, outcome, signal) {
  const bar = element('progress', { hidden: true });
  const log = element('ul', { id: 'log' });
  const result = element('div', { id: 'result' }, 'Running …');
  outcome.replaceChildren(element('h3', {}, 'Result'), bar, log, result);
  const startedAt = performance.now();
  const end = (what, ...nodes) => {
    bar.hidden = true;
    result.replaceChildren(
      element('p', { id: 'ending' }, `${what} after ${Math.round(performance.now() - startedAt)} ms`),
      ...nodes,
    );
  };
  try {
    const given = { name: tool.name, arguments: JSON.parse(json) };
    const options = {
      signal,
      capabilities: { elicitation: { form: {} } },
      notified: (method, params) => show(method, params, bar, log),
    };
    let answer = await ask('tools/call', given, options);
    // A question ends the call; the answer is sent by calling again.
    while (answer.resultType === 'input_required') {
      answer = await ask('tools/call', { ...given, ...(await answered(answer, result, signal)) }, options);
    }
    end(answer.isError ? 'Failed' : 'Succeeded', shown(answer), raw(answer));
  } catch (error) {
    end(
      signal.aborted ? 'Cancelled' : 'Refused',
      element('p', { className: 'failed' }, String(error.message ?? error)),
    );
  }
}

function show(method, params, bar, log) {
  if (method === 'notifications/progress') {
    bar.hidden = false;
    if (params.total === undefined) bar.removeAttribute('value');
    else [bar.max, bar.value] = [params.total, params.progress];
    const of = params.total === undefined ? '' : ` of ${params.total}`;
    log.append(element('li', { className: 'progress' }, `${params.progress}${of} ${params.message ?? ''}`));
  } else if (method === 'notifications/message') {
    const { level, data } = params;
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    log.append(element('li', { className: level }, `${level}: ${text}`));
  }
}

function raw(answer) {
  return element('details', {}, element('summary', {}, 'As the client receives it'), code(answer));
}
