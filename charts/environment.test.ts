import fc from 'fast-check';
import { load } from 'js-yaml';
import { serversFrom } from '../model/spec';
import { testPlatform, testSealed, testServer } from '../testing/fixtures';
import type { Manifest } from './render';
import { render } from './render';
import vectors from './vectors/dollars.json';

const known = new Map([['A', vectors.A]]);

test('the fakes of the kubelet and Flux read dollar signs as the real ones do', () => {
  expect(vectors.cases.length).toBeGreaterThan(100);
  for (const { text, kubelet, flux } of vectors.cases) {
    expect([text, expanded(text, known), substituted(text, known)]).toEqual([text, kubelet, flux]);
  }
});

test.each([
  ['US$$0.00', 'US$$$$0.00'],
  ['^end$$', '^end$$$$'],
  ['port $(ARCADE_SERVER_PORT)', 'port $$(ARCADE_SERVER_PORT)'],
  ['$(', '$$('],
  ['$5 or 5$', '$5 or 5$'],
  ['two\nlines\tand more', 'two\nlines\tand more'],
])('writes the variable %j as %j, so that the container gets the declared value', (declared, written) => {
  const [variable, object] = rendered(declared, 'plain');
  expect(variable).toBe(written);
  expect(expanded(variable, known)).toBe(declared);
  // Only an object that Flux would change is excluded from its substitution.
  const annotations = object.metadata.annotations ?? {};
  expect('kustomize.toolkit.fluxcd.io/substitute' in annotations).toBe(written.includes('$$'));
});

test.each(['plain', 'st-app'] as const)(
  'with %s the container gets the declared value, whether or not Flux substitutes',
  (runtime) => {
    let accepted = 0;
    const part = fc.constantFrom(
      'a',
      '$',
      '$$',
      '$(A)',
      '$(ARCADE_WORKER_SECRET)',
      '(',
      ')',
      '{',
      '}',
      '$$' + '{A}',
      'é',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const declared = parts.join('');
        // Before a brace, exactly two dollar signs are allowed, and mean one.
        const isValid = !/(?<!\$)(\$|\${3,})\{/.test(declared);
        expect(problemsOfVariable(declared)).toEqual(isValid ? [] : ['SUBSTITUTION']);
        if (!isValid) return;
        const [variable, object] = rendered(declared, runtime);
        const isMarked = object.metadata.annotations?.['kustomize.toolkit.fluxcd.io/substitute'] === 'disabled';
        const afterFlux = isMarked ? variable : substituted(variable, known);
        const expected = declared.replace(/\$\$(?=\{)/g, '$');
        expect([expanded(variable, known), expanded(afterFlux ?? '', known)]).toEqual([expected, expected]);
        accepted += 1;
      }),
      { numRuns: 200, seed: 20261125 },
    );
    expect(accepted).toBeGreaterThan(60);
  },
);

test('unescapes a doubled dollar sign in extra values', () => {
  const server = testServer({ values: { podAnnotations: { a: 'x$$' + '{HOME}' } } });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects[0]).toMatchObject({
    metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } },
    spec: { values: { podAnnotations: { a: 'x$' + '{HOME}' } } },
  });
});

test.each([
  ['a NUL', 'a\0b', 'BAD-VALUE'],
  ['a carriage return, which YAML parsers alter', 'a\r\nb', 'BAD-VALUE'],
  ['a lone surrogate', 'a\ud800', 'BAD-VALUE'],
  ['more bytes than Linux allows', 'x'.repeat(131_072 - 'EXTRA=\0'.length + 1), 'SERVER-FIELD'],
])('rejects a variable with %s', (_, value, code) => {
  expect(problemsOfVariable(value)).toEqual([code]);
});

test('limits a variable in bytes, including its name', () => {
  const longest = 'é'.repeat((131_072 - 'EXTRA=\0'.length - 1) / 2);
  expect(problemsOfVariable(`${longest}x`)).toEqual([]);
  expect(problemsOfVariable(`${longest}xx`)).toEqual(['SERVER-FIELD']);
});

function problemsOfVariable(value: string): readonly string[] {
  const entry = { team: 'infra', image: 'registry.example.com/test-server:1.2.3', env: { EXTRA: value } };
  return serversFrom({ name: 'test-server', entry }, [testPlatform]).problems.map(({ code }) => code);
}

/** The variable in the rendered YAML, and the object that contains it. */
function rendered(value: string, runtime: 'plain' | 'st-app'): readonly [variable: string, object: Manifest] {
  const server = testServer({ runtime, env: { EXTRA: value } });
  const [, file] = render(server, testSealed(server));
  const [object] = file?.objects ?? [];
  if (object === undefined || file === undefined) throw new Error('nothing was rendered');
  const [text = ''] = file.text.split('\n---\n');
  expect(load(text)).toEqual(object);
  const [, found] = /"name":"EXTRA","value":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(object)) ?? [];
  return [JSON.parse(found ?? 'null'), object];
}

/** `Expand` of the kubelet: `$$` is a dollar sign, `$(NAME)` a variable, unchanged if it does not exist. */
function expanded(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, escaped, name) => {
    return escaped === '$' ? '$' : (variables.get(name) ?? whole);
  });
}

/** `Eval` of Flux, as far as these tests need it: `$$` is a dollar sign; null for a syntax error. */
function substituted(text: string, variables: ReadonlyMap<string, string>): string | null {
  let isBroken = false;
  const result = text.replace(/\$\$|\$\{(\w+\}|)?/g, (whole, name: string | undefined) => {
    if (whole === '$$') return '$';
    if (!name) isBroken = true;
    return variables.get(name?.slice(0, -1) ?? '') ?? '';
  });
  return isBroken ? null : result;
}
