/** What `--help` shows. Written in parts, so that every command has an example and fits a terminal. */
export interface Usage {
  /** How to call it, as npm users type it → what that does. */
  readonly forms: Readonly<Record<string, string>>;
  /** A flag with its value → what it means. `--json` is added unless it is here. @default - none */
  readonly flags?: Readonly<Record<string, string>>;
  /** Paragraphs about everything else, such as exit codes. @default - none */
  readonly notes?: readonly string[];
  /** Command lines to copy. */
  readonly examples: readonly [string, ...string[]];
}

/** The text of a usage, in lines of at most 80 columns: the forms, the flags, the notes, the examples. */
export function usageText({ forms, flags = {}, notes = [], examples }: Usage): string {
  const json = '--json' in flags ? {} : { '--json': 'answers in JSON, for programs' };
  return [
    twoColumns(forms, ''),
    twoColumns({ ...flags, ...json }, '  '),
    ...notes.map((note) => wrapped(note, columns).join('\n')),
    [examples.length > 1 ? 'Examples:' : 'Example:', ...examples.map((line) => `  ${line}`)].join('\n'),
  ].join('\n\n');
}

const columns = 80;

/** Left words above this width have their text on the next line, so that they do not push all the others aside. */
const widest = 38;

function twoColumns(rows: Readonly<Record<string, string>>, indent: string): string {
  const lefts = Object.keys(rows).map((left) => left.length);
  const width = Math.max(0, ...lefts.filter((length) => length <= widest));
  const pad = ' '.repeat(indent.length + (width === 0 ? 4 : width + 2));
  return Object.entries(rows)
    .flatMap(([left, text]) => {
      const [first = '', ...more] = wrapped(text, columns - pad.length);
      const rest = more.map((line) => pad + line);
      return left.length <= width
        ? [`${indent}${left.padEnd(width)}  ${first}`, ...rest]
        : [indent + left, pad + first, ...rest];
    })
    .join('\n');
}

/** The words of a text in lines of at most so many characters; a longer word has a line to itself. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
