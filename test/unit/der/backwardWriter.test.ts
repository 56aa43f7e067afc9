import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BackwardWriter } from '../../../core/der/backwardWriter.ts';
import { element, TAG } from '../../../core/der/writer.ts';
import { toHex } from '../../../core/domain/hex.ts';

type Node = Uint8Array | readonly Node[];

/** The forward writer is the reference. */
const forward = (node: Node): Uint8Array =>
  node instanceof Uint8Array ? element(TAG.octetString, node) : element(TAG.sequence, ...node.map(forward));

function backward(writer: BackwardWriter, node: Node): void {
  const mark = writer.sizeBytes;
  if (node instanceof Uint8Array) {
    if (node.length % 2 === 0) writer.prepend(node);
    else writer.prependHex(toHex(node));
    writer.close(TAG.octetString, mark);
  } else {
    for (const child of [...node].reverse()) backward(writer, child);
    writer.close(TAG.sequence, mark);
  }
}

const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('tree') as fc.Arbitrary<Node>, { maxLength: 6 }),
  ),
}));

it('gives the bytes of the forward writer, one structure after another in the same buffer', () => {
  const writer = new BackwardWriter();
  fc.assert(
    fc.property(tree, (node) => {
      writer.restart();
      backward(writer, node);
      expect(toHex(writer.written())).toBe(toHex(forward(node)));
    }),
  );
});

it('makes room for more than it began with', () => {
  const writer = new BackwardWriter();
  const large = new Uint8Array(5000).fill(0xa5);
  writer.prepend(Uint8Array.of(1, 2));
  writer.prepend(large);
  writer.close(TAG.octetString, 2);
  expect(toHex(writer.written())).toBe(`${toHex(element(TAG.octetString, large))}0102`);
});
