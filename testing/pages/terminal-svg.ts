/**
 * Draws the output of a terminal. Follows the reader's light or dark theme, and depends on no font, clock or machine.
 * @param title the text for screen readers
 * @param text lines with the colours (SGR 2, 31 to 33) that our commands use; any other escape sequence is left out
 */
export function terminalSvg(title: string, text: string): string {
  const lines = text.trimEnd().split('\n');
  const columns = Math.max(...lines.map((line) => line.replaceAll(escapes, '').length));
  const [width, height] = [Math.ceil(columns * letter) + 2 * margin, lines.length * leading + 2 * margin];
  const rows = lines.map((line, index) => {
    const y = margin + (index + 0.75) * leading;
    return line === '' ? '' : `<text x="${margin}" y="${y}" xml:space="preserve">${coloured(line)}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>
rect { fill: #f6f8fa; stroke: #d1d9e0 }
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
.dim { fill: #59636e } .red { fill: #cf222e } .green { fill: #1a7f37 } .yellow { fill: #9a6700 } .typed { font-weight: 600 }
@media (prefers-color-scheme: dark) {
rect { fill: #151b23; stroke: #3d444d }
text { fill: #f0f6fc }
.dim { fill: #9198a1 } .red { fill: #f85149 } .green { fill: #3fb950 } .yellow { fill: #d29922 }
}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
${rows.join('')}</svg>
`;
}

/** The lines that a picture shows, without colours. */
export function textOfSvg(svg: string): string {
  return [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)]
    .map(([, line = '']) =>
      line
        .replaceAll(/<[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    )
    .join('\n');
}

const [letter, leading, margin] = [7.23, 17, 14];

const escapes = new RegExp(`${String.fromCodePoint(0x1b)}\\[([\\d;]*)m`, 'g');
const classes: Readonly<Record<string, string>> = { 1: 'typed', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow' };

function coloured(line: string): string {
  let kind: string | undefined;
  return line
    .split(escapes)
    .map((part, index) => {
      if (index % 2 === 0)
        return kind === undefined || part === '' ? escaped(part) : `<tspan class="${kind}">${escaped(part)}</tspan>`;
      kind = classes[part];
      return '';
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
