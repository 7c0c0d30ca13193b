import fc from 'fast-check';
import { load } from 'js-yaml';
import { serversFrom } from '../model/spec';
import { testPlatform, testSealed, testServer } from '../testing/fixtures';
import type { Manifest } from './render';
import { render } from './render';
import vectors from './vectors/dollars.json';

const known = new Map([['A', vectors.A]]);

test('the kubelet and Flux of this test read dollar signs as the real ones do', () => {
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
])('the variable %j is written as %j, which reaches the container as it was declared', (declared, written) => {
  const [variable, object] = rendered(declared, 'plain');
  expect(variable).toBe(written);
  expect(expanded(variable, known)).toBe(declared);
  // Flux would make one dollar sign of two; what it would not touch is not marked.
  const annotations = object.metadata.annotations ?? {};
  expect('kustomize.toolkit.fluxcd.io/substitute' in annotations).toBe(written.includes('$$'));
});

test.each(['plain', 'st-app'] as const)(
  'with %s a variable arrives as it was declared, whoever substitutes',
  (runtime) => {
    let arrived = 0;
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
        // What has another number of dollar signs before a brace is refused, and the two that are asked for mean one.
        const isSaid = !/(?<!\$)(\$|\${3,})\{/.test(declared);
        const refused = problemsOfVariable(declared);
        expect(refused).toEqual(isSaid ? [] : ['SUBSTITUTION']);
        if (!isSaid) return;
        const [variable, object] = rendered(declared, runtime);
        const isMarked = object.metadata.annotations?.['kustomize.toolkit.fluxcd.io/substitute'] === 'disabled';
        const afterFlux = isMarked ? variable : substituted(variable, known);
        const meant = declared.replace(/\$\$(?=\{)/g, '$');
        expect([expanded(variable, known), expanded(afterFlux ?? '', known)]).toEqual([meant, meant]);
        arrived += 1;
      }),
      { numRuns: 200, seed: 20261125 },
    );
    expect(arrived).toBeGreaterThan(60);
  },
);

test('a doubled dollar sign among extra values is the single one that it stands for', () => {
  const server = testServer({ values: { podAnnotations: { a: 'x$$' + '{HOME}' } } });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects[0]).toMatchObject({
    metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } },
    spec: { values: { podAnnotations: { a: 'x$' + '{HOME}' } } },
  });
});

test.each([
  ['no NUL', 'a\0b', 'BAD-VALUE'],
  ['no carriage return, which YAML readers alter', 'a\r\nb', 'BAD-VALUE'],
  ['no half of a character', 'a\ud800', 'BAD-VALUE'],
  ['no more than Linux takes', 'x'.repeat(131_072 - 'EXTRA=\0'.length + 1), 'SERVER-FIELD'],
])('a variable holds %s', (_, value, code) => {
  expect(problemsOfVariable(value)).toEqual([code]);
});

test('the longest variable is counted with its name, in bytes', () => {
  const longest = 'é'.repeat((131_072 - 'EXTRA=\0'.length - 1) / 2);
  expect(problemsOfVariable(`${longest}x`)).toEqual([]);
  expect(problemsOfVariable(`${longest}xx`)).toEqual(['SERVER-FIELD']);
});

function problemsOfVariable(value: string): readonly string[] {
  const entry = { team: 'infra', image: 'registry.example.com/test-server:1.2.3', env: { EXTRA: value } };
  return serversFrom({ name: 'test-server', entry }, [testPlatform]).problems.map(({ code }) => code);
}

/** The variable as a reader of YAML finds it in the object that holds it. */
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

/** `Expand` of the kubelet: `$$` is a dollar sign, `$(NAME)` a variable, or itself where there is none of the name. */
function expanded(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, escaped, name) => {
    return escaped === '$' ? '$' : (variables.get(name) ?? whole);
  });
}

/** `Eval` of Flux, as far as these texts go: `$$` is a dollar sign; null for what it cannot parse. */
function substituted(text: string, variables: ReadonlyMap<string, string>): string | null {
  let isBroken = false;
  const result = text.replace(/\$\$|\$\{(\w+\}|)?/g, (whole, name: string | undefined) => {
    if (whole === '$$') return '$';
    if (!name) isBroken = true;
    return variables.get(name?.slice(0, -1) ?? '') ?? '';
  });
  return isBroken ? null : result;
}
