import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { type Content, fileAt } from './given-file';
import { formOf, formOfValue, type Parameter, typeOfItem, typeOfMember, type ValueSchema } from './parameter';

/** A value under construction: JSON as written, or an object or list that gets its parts one by one. */
type Built =
  | { readonly kind: 'json'; readonly json: string }
  | { readonly kind: 'object'; readonly members: Map<string, Built> }
  | { readonly kind: 'list'; readonly items: Built[] };

/**
 * Reads the inputs of a tool from a command line: `name=text`, `name={…}` for a parameter that is not text, `name.member=…`,
 * `name[]=…` and `name[0].member=…` for parts, `name=@file`, and `name:=json` for any JSON; or all inputs as one JSON
 * object. JSON is kept as written, because parsing would round numbers above 2^53.
 * @param name of the tool, for messages
 * @returns the members of a JSON object
 * @throws Problem USAGE with the form that the parameter needs, or the nearest name
 */
export function inputsOf(name: string, parameters: readonly Parameter[], words: readonly string[]): readonly string[] {
  const [first = '', ...others] = words;
  if (others.length === 0 && isObject(first)) return wholeInputs(name, parameters, first);
  const whole: Built & { kind: 'object' } = { kind: 'object', members: new Map() };
  for (const word of words) {
    const { place, isRaw, text } = partsOf(word);
    const parameter = parameterAt(name, parameters, place, isRaw);
    const steps = [parameter?.name ?? place, ...stepsOf(place.slice((parameter?.name ?? place).length), place)];
    put(whole, steps, jsonOf(place, text, isRaw, typeAt(parameter, steps)), place);
  }
  checkComplete(name, parameters, [...whole.members.keys()]);
  return [...whole.members].map(([key, value]) => `${JSON.stringify(key)}:${written(value)}`);
}

/** Whether a word of the command line is inputs of a tool, not a name. */
export function isInput(word: string): boolean {
  return word.includes('=') || isObject(word);
}

function isObject(word: string): boolean {
  return /^\s*\{/.test(word);
}

/** All inputs as one JSON object. Unknown members are sent anyway. */
function wholeInputs(name: string, parameters: readonly Parameter[], word: string): readonly string[] {
  const json = checked('the inputs', word, undefined).trim();
  const keys = Object.keys(JSON.parse(json));
  checkComplete(name, parameters, keys);
  return keys.length === 0 ? [] : [json.slice(1, -1)];
}

function checkComplete(name: string, parameters: readonly Parameter[], given: readonly string[]): void {
  const missing = parameters.filter((each) => each.required && !given.includes(each.name));
  if (missing.length === 0) return;
  throw new Problem('USAGE', `Cannot call "${name}" without ${missing.map((each) => each.name).join(' and ')}`, {
    fix: `write ${parameters.map(formOf).join(' ')}`,
  });
}

function partsOf(word: string): { readonly place: string; readonly isRaw: boolean; readonly text: string } {
  const [, place, colon, text] = /^([^=]+?)(:?)=(.*)$/s.exec(word) ?? [];
  if (place !== undefined && text !== undefined) return { place, isRaw: colon === ':', text };
  throw new Problem('USAGE', `Cannot read "${word}"`, {
    fix: 'write name=value, or all inputs as one JSON object, and flags after `npm run call --`',
  });
}

/** The parameter that a place belongs to. Names may contain dots, so the longest match wins. @returns undefined for raw JSON of an unknown parameter, which is sent anyway */
function parameterAt(
  tool: string,
  parameters: readonly Parameter[],
  place: string,
  isRaw: boolean,
): Parameter | undefined {
  const isIn = (name: string) => place === name || (place.startsWith(name) && /^[.[]/.test(place.slice(name.length)));
  const [found] = parameters.filter(({ name }) => isIn(name)).sort((a, b) => b.name.length - a.name.length);
  if (found !== undefined || isRaw) return found;
  const names = parameters.map(({ name }) => name);
  const [asked = place] = place.split(/[.[]/, 1);
  const meant = nearest(asked, names);
  const takes = parameters.length === 0 ? 'it takes none' : `it takes ${parameters.map(formOf).join(' ')}`;
  throw new Problem('USAGE', `Cannot take "${asked}": "${tool}" has no such parameter`, {
    fix: meant === undefined ? takes : `write "${meant}"; ${takes}`,
  });
}

/** The path behind a parameter's name: text for a member, a number for an item, `next` for `[]`. */
function stepsOf(rest: string, place: string): readonly (string | number)[] {
  const steps = [...rest.matchAll(/\.([^.[\]]+)|\[(\d{0,6})\]/gy)];
  if (steps.map(([text]) => text).join('') === rest) {
    return steps.map(([, member, index]) => member ?? (index === '' ? next : Number(index)));
  }
  throw new Problem('USAGE', `Cannot read "${place}"`, { fix: 'write name.member, name[] or name[0]' });
}

const next = -1;

function typeAt(parameter: Parameter | undefined, [, ...steps]: readonly (string | number)[]): ValueSchema | undefined {
  let type = parameter?.value_schema;
  for (const step of steps) {
    type = type && (typeof step === 'number' ? typeOfItem(type) : typeOfMember(type, step));
  }
  return type;
}

/** A value as JSON. Text that is a valid number or boolean is not quoted when the parameter is one. */
function jsonOf(place: string, text: string, isRaw: boolean, type: ValueSchema | undefined): string {
  const content: Content = text.startsWith('@') && !text.startsWith('@@') ? fileAt(place, text.slice(1)) : { text };
  const value = content.text.startsWith('@@') && content.file === undefined ? content.text.slice(1) : content.text;
  const kind = type?.val_type;
  if (!isRaw && kind === 'string') return JSON.stringify(value);
  if (isRaw || /^\s*[[{]/.test(value) || content.file !== undefined)
    return checked(`the value of "${place}"`, value, content.file);
  if (/^(array|json)$/.test(kind ?? '') && type !== undefined) {
    const what = kind === 'array' ? 'a list' : 'an object';
    throw new Problem('USAGE', `Cannot use text for "${place}", which is ${what}`, {
      fix: `write ${formOfValue(place, type)}, or '${place}=${kind === 'array' ? '[…]' : '{…}'}' as JSON`,
    });
  }
  const isLiteral = kind === 'boolean' ? /^(true|false)$/.test(value) : /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value);
  return isLiteral && /^(boolean|integer|number)$/.test(kind ?? '') ? value : JSON.stringify(value);
}

function checked(what: string, json: string, file: string | undefined): string {
  try {
    JSON.parse(json);
    return json;
  } catch {
    const where = file === undefined ? '' : ` in ${file}`;
    throw new Problem('USAGE', `Cannot read ${what}${where}: it must be JSON and is not valid`, {
      fix: 'put quotes around the whole value and check its brackets; text inside JSON needs its own quotes',
    });
  }
}

/** Adds a value at its place, and creates the objects and lists around it. */
function put(into: Built, [step = '', ...rest]: readonly (string | number)[], json: string, place: string): void {
  const isMember = typeof step === 'string';
  if (into.kind !== (isMember ? 'object' : 'list')) throw clash(place);
  const known =
    into.kind === 'object'
      ? into.members.get(String(step))
      : into.kind === 'list'
        ? into.items[Number(step)]
        : undefined;
  if (known !== undefined && (rest.length === 0 || known.kind === 'json')) throw clash(place);
  const value = known ?? made(rest, json);
  if (into.kind === 'object') into.members.set(String(step), value);
  else if (into.kind === 'list') {
    if (Number(step) > into.items.length) {
      const fix = `the next item is [${into.items.length}]`;
      throw new Problem('USAGE', `Cannot skip items before "${place}"`, { fix });
    }
    if (known === undefined) into.items.push(value);
  }
  if (rest.length > 0) put(value, rest, json, place);
}

function made([step]: readonly (string | number)[], json: string): Built {
  if (step === undefined) return { kind: 'json', json };
  return typeof step === 'string' ? { kind: 'object', members: new Map() } : { kind: 'list', items: [] };
}

function clash(place: string): Problem {
  return new Problem('USAGE', `Cannot take "${place}" twice`, { fix: 'give it once, as a whole or in parts' });
}

function written(value: Built): string {
  switch (value.kind) {
    case 'json':
      return value.json;
    case 'list':
      return `[${value.items.map(written).join(',')}]`;
    case 'object':
      return `{${[...value.members].map(([key, member]) => `${JSON.stringify(key)}:${written(member)}`).join(',')}}`;
  }
}
