import fc from 'fast-check';
import { decodeMirrored } from './mirrored-header';

test.each([
  ['plain', 'plain'],
  ['=?base64?aGk=?=', 'hi'],
  ['=?base64?8J+Zgg==?=', '🙂'],
  ['=?base64??=', ''],
  ['=?BASE64?aGk=?=', '=?BASE64?aGk=?='],
  ['=?base64?aGk=', '=?base64?aGk='],
  ['aGk=?=', 'aGk=?='],
  ['=?base64?=', '=?base64?='],
  ['=?base64?aGk?=', undefined],
  ['=?base64?aG k=?=', undefined],
  ['=?base64?aGl=?=', undefined],
  ['=?base64?_-8=?=', undefined],
  ['=?base64?/w==?=', undefined],
])('%s is read as %p', (header, text) => expect(decodeMirrored(header)).toBe(text));

test('every text comes back', () => {
  const roundTrip = (text: string) => decodeMirrored(`=?base64?${Buffer.from(text).toString('base64')}?=`);
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => roundTrip(text) === text));
});
