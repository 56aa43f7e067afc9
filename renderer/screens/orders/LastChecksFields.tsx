// What an order may ask for beside the usual: a check after a restart, and sealing, which names what is irreversible and takes the
// order's name once more.

import type { ReactNode } from 'react';
import type { ProfileView } from '../../../core/contract/schemas/orders.ts';
import type { TargetView } from '../../../core/contract/schemas/targets.ts';
import { Field, Switch } from '../../components/controls.tsx';
import { Note } from '../../components/parts.tsx';
import { useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

export interface LastChecksDraft {
  readonly checkReboot: boolean;
  readonly seal: boolean;
  readonly confirmed: string;
}

export const NO_DRAFT: LastChecksDraft = { checkReboot: false, seal: false, confirmed: '' };

/** Whether the target can make the key where the profile wants it. */
export const custodyFits = (target: TargetView | undefined, profile: ProfileView | undefined): boolean =>
  profile?.keyCustody !== 'on-device' || target === undefined || target.custody.includes('on-device');

export const isConfirmed = (
  draft: LastChecksDraft,
  target: TargetView | undefined,
  orderName: string,
): boolean => !draft.seal || target?.sealWarning === undefined || draft.confirmed.trim() === orderName.trim();

/** Whether the target's devices can use the profile's key. */
export const keyFits = (target: TargetView | undefined, profile: ProfileView | undefined): boolean =>
  target === undefined || profile === undefined || target.keyAlgorithms.includes(profile.keyAlgorithm);

/** What the target cannot is left out, whatever was switched on for another one before. */
export const inputOf = (draft: LastChecksDraft, target: TargetView | undefined) => ({
  ...(draft.checkReboot && target?.fileFormats === undefined ? { checkReboot: true } : {}),
  ...(draft.seal && target?.sealWarning !== undefined ? { sealConfirmedFor: draft.confirmed.trim() } : {}),
});

/** What has to be answered may open below the edge of the dialog. */
const intoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });

export function LastChecksFields({
  draft,
  change,
  target,
  profile,
  orderName,
}: {
  draft: LastChecksDraft;
  change: (draft: LastChecksDraft) => void;
  target: TargetView | undefined;
  profile: ProfileView | undefined;
  orderName: string;
}): ReactNode {
  const { t, fill, either } = useWords();
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const { sealWarning } = target ?? {};
  return (
    <div className="wide stack stack-tight">
      {target === undefined || profile === undefined ? null : !keyFits(target, profile) ? (
        <Note look="bad" icon="ui/warning">
          <p>{fill(t.orders.keyMisfit, { key: profile.keyAlgorithm, held: either(target.keyAlgorithms) })}</p>
        </Note>
      ) : custodyFits(target, profile) ? (
        <p className="small dim">
          {t.targets.keyMade}{' '}
          {profile?.keyCustody === 'on-device'
            ? t.targets.custody['on-device']
            : either(target.custody.map((one) => t.targets.custody[one]))}
          {' · '}
          {t.targets.keyBy} {t.checks[target.key]}
        </p>
      ) : (
        <Note look="bad" icon="ui/warning">
          <p>{t.orders.custodyMisfit}</p>
        </Note>
      )}
      {target?.fileFormats === undefined ? (
        <Switch
          label={t.orders.checkReboot}
          on={draft.checkReboot}
          onChange={(checkReboot) => change({ ...draft, checkReboot })}
        />
      ) : (
        <Note look="warning" icon="ui/warning">
          <p>
            <strong>{t.folder.warning}</strong> {t.folder.orderNote}
          </p>
        </Note>
      )}
      {sealWarning === undefined || !supervisor ? null : (
        <>
          <Switch label={t.orders.seal} on={draft.seal} onChange={(seal) => change({ ...draft, seal })} />
          {draft.seal ? (
            <div ref={intoView}>
              <Note look="bad" icon="ui/lock">
                <p>
                  <strong>{sealWarning}</strong> {t.orders.sealFinal}
                </p>
                <Field
                  label={fill(t.orders.sealConfirm, { name: orderName.trim() || '…' })}
                  value={draft.confirmed}
                  onChange={(confirmed) => change({ ...draft, confirmed })}
                  maxLength={80}
                  autoFocus
                  keepsScans
                />
              </Note>
            </div>
          ) : null}
        </>
      )}
    </div>
  );
}
