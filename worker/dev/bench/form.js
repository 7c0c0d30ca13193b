import { element } from './element.js';

/** The value of a control that is left out. */
export const absent = Symbol('left out');

/**
 * A control for a value.
 * @typedef {{ node: HTMLElement, read: () => unknown }} Control `read` returns the JSON value, or `absent`
 */

/**
 * The control for a JSON Schema of the server.
 * @param {any} schema
 * @param {string} label what the control is for
 * @returns {Control}
 */
export function control(schema, label) {
  const types = [schema.type ?? []].flat();
  if (types.includes('null')) return orNull(schema, label);
  if (schema.enum !== undefined) return choice(schema, label);
  if (schema.anyOf !== undefined) return variants(schema, label);
  switch (types[0]) {
    case 'object':
      return isKnown(schema) ? members(schema) : json(schema, label, '{}');
    case 'array':
      return list(schema, label);
    case 'boolean':
      return choice({ ...schema, enum: [true, false] }, label);
    case 'integer':
    case 'number':
      return number(schema, label);
    case 'string':
      return text(schema, label);
    default:
      return json(schema, label, 'null');
  }
}

/** Whether the schema names all members of an object. */
function isKnown({ properties = {}, additionalProperties }) {
  return Object.keys(properties).length > 0 || additionalProperties === false;
}

/**
 * The controls of all members of an object. An optional one is left out until its box is ticked.
 * @returns {Control}
 */
export function members({ properties = {}, required = [] }) {
  const rows = Object.entries(properties).map(([name, schema]) => member(name, schema, required.includes(name)));
  return {
    node: element('div', { className: 'members' }, ...rows.map(({ node }) => node)),
    read: () => Object.fromEntries(rows.flatMap(({ name, read }) => (read() === absent ? [] : [[name, read()]]))),
  };
}

function member(name, schema, isRequired) {
  const inner = control(schema, name);
  const tick = element('input', { type: 'checkbox', checked: isRequired, 'aria-label': `Send ${name}` });
  const show = () => inner.node.classList.toggle('left-out', !tick.checked);
  tick.onchange = show;
  inner.node.addEventListener('input', () => {
    tick.checked = true;
    show();
  });
  show();
  const notes = [
    schema.description ?? '',
    isRequired ? '' : `Optional${schema.default === undefined ? '' : `; default ${JSON.stringify(schema.default)}`}.`,
  ];
  const head = element('div', { className: 'head' }, isRequired ? '' : tick, element('b', {}, name));
  const note = element('small', {}, notes.filter(Boolean).join(' '));
  return {
    name,
    node: element('div', { className: 'member', 'data-member': name }, head, inner.node, note),
    read: () => (tick.checked ? inner.read() : absent),
  };
}

function choice({ enum: values, default: preset }, label) {
  const select = element(
    'select',
    { 'aria-label': label },
    ...values.map((value) => element('option', {}, `${value}`)),
  );
  select.selectedIndex = Math.max(values.indexOf(preset), 0);
  return { node: select, read: () => values[select.selectedIndex] };
}

function text({ default: preset = '', format, examples = [] }, label) {
  const properties = { value: preset, 'aria-label': label, placeholder: examples[0] ?? format ?? '' };
  const node = format === undefined ? element('textarea', { ...properties, rows: 1 }) : element('input', properties);
  return { node, read: () => node.value };
}

/** Text that is not a number is sent as text, so that the server explains the error. The same goes for integers beyond 2^53. */
function number({ default: preset = '', minimum, maximum }, label) {
  const bounds = [minimum, maximum].map((bound) => (Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : ''));
  const placeholder = bounds.join('') === '' ? '' : bounds.join(' … ');
  const node = element('input', { value: `${preset}`, inputMode: 'decimal', 'aria-label': label, placeholder });
  return {
    node,
    read: () => (String(Number(node.value)) === node.value.trim() ? Number(node.value) : node.value),
  };
}

function list({ items = {} }, label) {
  const rows = [];
  const holder = element('ol');
  const add = () => {
    const row = control(items, `${label} ${rows.length + 1}`);
    const remove = element('button', { type: 'button', 'aria-label': `Remove from ${label}` }, '−');
    const line = element('li', {}, row.node, remove);
    remove.onclick = () => {
      rows.splice(rows.indexOf(row), 1);
      line.remove();
      changed(holder);
    };
    rows.push(row);
    holder.append(line);
    changed(holder);
  };
  const more = element('button', { type: 'button', onclick: add, 'aria-label': `Add to ${label}` }, '+');
  return { node: element('div', { className: 'list' }, holder, more), read: () => rows.map(({ read }) => read()) };
}

/** Tells the controls around this one that the value has changed. */
function changed(node) {
  node.dispatchEvent(new Event('input', { bubbles: true }));
}

function orNull({ type, enum: values, anyOf, ...rest }, label) {
  const types = [type ?? []].flat().filter((each) => each !== 'null');
  const inner = control(
    {
      ...rest,
      ...(types.length > 0 && { type: types }),
      ...(values && { enum: values.filter((value) => value !== null) }),
      ...(anyOf && { anyOf: anyOf.filter((each) => each.type !== 'null') }),
    },
    label,
  );
  const tick = element('input', { type: 'checkbox', 'aria-label': `${label} is null` });
  const node = element('div', {}, inner.node, element('label', { className: 'null' }, tick, ' null'));
  return { node, read: () => (tick.checked ? null : inner.read()) };
}

/** One of several objects, distinguished by the members that have a fixed value. */
function variants({ anyOf }, label) {
  const controls = anyOf.map((schema) => control(schema, label));
  const names = anyOf.map(({ properties = {} }, index) => {
    const fixed = Object.values(properties).flatMap(({ enum: values = [] }) => (values.length === 1 ? values : []));
    return fixed.join(', ') || `${index + 1}`;
  });
  const select = element(
    'select',
    { 'aria-label': `Kind of ${label}` },
    ...names.map((name) => element('option', {}, name)),
  );
  const place = element('div', {}, controls[0].node);
  select.onchange = () => place.replaceChildren(controls[select.selectedIndex].node);
  return { node: element('div', {}, select, place), read: () => controls[select.selectedIndex].read() };
}

/** A value without a form is entered as JSON. Invalid JSON is sent as text, so that the server explains the error. */
function json({ default: preset }, label, empty) {
  const value = preset === undefined ? empty : JSON.stringify(preset);
  const node = element('textarea', { value, rows: 2, 'aria-label': `${label} as JSON`, className: 'json' });
  return {
    node,
    read: () => {
      try {
        return JSON.parse(node.value);
      } catch {
        return node.value;
      }
    },
  };
}
