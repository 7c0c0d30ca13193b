import Table from 'cli-table3';

/** Rows under a header, aligned, without frames, so that a terminal and a log read alike. Ends without a newline. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const plain = new Table({
    head: [...header],
    chars: Object.fromEntries(frame.map((part) => [part, part === 'middle' ? '  ' : ''])),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  plain.push(...rows.map((row) => [...row]));
  return plain
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const frame = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];
