// The signed list that goes with a delivery.

import type { ReactNode } from 'react';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import { Button } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FailureNote } from '../../components/parts.tsx';
import { WrittenFiles } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

/** What the customer types; the same in every language. */
const CHECK = [
  'openssl verify -CAfile manifest-chain.pem manifest-signer.pem',
  'openssl x509 -in manifest-signer.pem -pubkey -noout > signer.pub',
  'openssl dgst -sha256 -verify signer.pub -signature manifest.sig manifest.csv',
].join('\n');

export function ManifestDialog({ order, onClose }: { order: Order; onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const write = useAct('issue.manifest');
  return (
    <Dialog
      title={fill(t.delivery.title, { name: order.name })}
      onClose={onClose}
      widthPx={760}
      actions={
        write.data === undefined ? (
          <>
            <Button onPress={onClose}>{t.common.cancel}</Button>
            <Button
              look="primary"
              icon="phases/issue"
              isDisabled={write.isPending}
              onPress={() => write.mutate({ orderId: order.orderId })}
            >
              {t.delivery.write}
            </Button>
          </>
        ) : (
          <Button look="primary" onPress={onClose}>
            {t.common.close}
          </Button>
        )
      }
    >
      <div className="stack prose">
        <p>{t.delivery.lead}</p>
        {write.data === undefined ? null : <WrittenFiles written={write.data} />}
        <p>{t.delivery.check}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long command scrolls, and must do so without a mouse */}
        <pre tabIndex={0}>{CHECK}</pre>
      </div>
      <FailureNote error={write.error} />
    </Dialog>
  );
}
