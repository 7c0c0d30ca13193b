import type { DefinedTool } from './define-tool';
import type { Member } from './shape';

/** Everything a definition gets wrong that its types cannot say, one sentence each. Empty when it is right. */
export function mistakesIn(definition: DefinedTool, input: readonly Member[]): readonly string[] {
  const { description, examples, behavior = {}, serviceDomains, requires = {} } = definition;
  const changes = (behavior.operations ?? []).filter((operation) => operation !== 'read');
  const all: readonly (readonly [isWrong: boolean, mistake: string])[] = [
    [isMissing(description), 'there is no description; say what the tool does, for a model that has to choose'],
    [!isMissing(description) && description.trim() === '', 'the description is empty'],
    ...input.map(
      ({ name, description: text }) =>
        [(text ?? '').trim() === '', `the parameter "${name}" has no description; add .describe('…')`] as const,
    ),
    [isMissing(examples) || examples.length === 0, 'there is no example; a tool needs at least one'],
    [behavior.readOnly === true && changes.length > 0, `read only contradicts the operations ${changes.join(', ')}`],
    [
      behavior.destructive === false && changes.includes('delete'),
      'the operation delete contradicts "not destructive"',
    ],
    [behavior.openWorld === false && (serviceDomains ?? []).length > 0, 'a service domain contradicts a closed world'],
    [
      (requires.metadata ?? []).includes('client_id') && requires.authorization === undefined,
      'the metadata client_id needs an authorization',
    ],
  ];
  return all.filter(([isWrong]) => isWrong).map(([, mistake]) => mistake);
}

/** The bundle is made without the compiler, which would not let a field be left out. */
function isMissing(field: unknown): boolean {
  return field === undefined || field === null;
}
