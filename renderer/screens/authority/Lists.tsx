// The revocation lists: how long each is good, the next set, and the set as files.

import { type ReactNode, useState } from 'react';
import type { Crl, CrlRenewal, KeptCrl } from '../../../core/contract/schemas/authority.ts';
import { Button, Choose } from '../../components/controls.tsx';
import { FailureNote, FailureState, Note, Panel } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { WrittenFiles } from '../../components/WrittenFiles.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { RootListDialog } from './RootListDialog.tsx';

const DAYS = ['7', '14', '30', '90'] as const;
const ROOT_DAYS = 400;
const LOOKS = { fresh: 'tag-good', due: 'tag-warning', expired: 'tag-bad', missing: '' } as const;

function ListRow({ crl }: { crl: Crl }): ReactNode {
  const { t, fill, plural, moment } = useWords();
  const facts = [
    ...(crl.nextUpdateMs === undefined ? [] : [fill(t.lists.until, { date: moment(crl.nextUpdateMs) })]),
    ...(crl.revoked === undefined ? [] : [plural(t.lists.revoked, crl.revoked)]),
    ...(crl.crlNumber === undefined ? [] : [fill(t.lists.number, { number: crl.crlNumber })]),
  ];
  return (
    <div className="export-row">
      <div>
        <strong>{crl.ca === 'root' ? t.lists.root : fill(t.lists.issuing, { label: crl.label })}</strong>
        <p className="small dim wrap-anywhere">{facts.length === 0 ? crl.subject : facts.join(' · ')}</p>
      </div>
      <span className={`tag ${LOOKS[crl.freshness]}`}>{t.lists[crl.freshness]}</span>
    </div>
  );
}

/** A root's key that is elsewhere is said without being asked. */
const notElsewhere = ({ kept }: CrlRenewal): readonly KeptCrl[] =>
  kept.filter(({ why }) => why.code !== 'root_elsewhere');

/** Why a list was not signed with the others. */
function KeptList({ kept: { ca, label, why } }: { kept: KeptCrl }): ReactNode {
  const { t, fill } = useWords();
  const name = ca === 'root' ? t.lists.root : fill(t.lists.issuing, { label });
  return (
    <Note look="warning" icon="ui/warning">
      <p role="status">
        <strong>{fill(t.lists.kept, { ca: name })}</strong>
      </p>
      <p>{why.code === 'passphrase_delayed' ? fill(t.lists.keptDelayed, why.details) : t.lists.keptOther}</p>
    </Note>
  );
}

export function Lists({ supervisor, unlocked }: { supervisor: boolean; unlocked: boolean }): ReactNode {
  const { t, plural } = useWords();
  const toasts = useToasts();
  const asked = useAsk('crl.get', {});
  const renew = useAct('crl.renew', ['crl.get', 'session.conditions']);
  const write = useAct('crl.write');
  const [taking, setTaking] = useState(false);
  const [days, setDays] = useState<(typeof DAYS)[number]>('30');
  const lists = asked.data?.lists ?? [];
  const never = lists.length > 0 && lists.every(({ freshness }) => freshness === 'missing');
  const usable =
    lists.length > 0 && lists.every(({ freshness }) => freshness === 'fresh' || freshness === 'due');
  const rootIsAway = lists.some(({ ca, keyHere }) => ca === 'root' && !keyHere);
  const kept = renew.data === undefined ? [] : notElsewhere(renew.data);
  return (
    <Panel title={t.lists.title} className="scroll-panel">
      <div className="scroll">
        <p className="panel-lead dim">{never ? t.lists.never : t.lists.lead}</p>
        {asked.error === null ? null : (
          <FailureState error={asked.error} retry={() => void asked.refetch()} />
        )}
        {lists.map((crl) => (
          <ListRow key={`${crl.ca}${crl.label}`} crl={crl} />
        ))}
        {supervisor ? (
          <div className="panel-body stack">
            <div className="row row-end">
              <Choose
                label={t.lists.days}
                value={days}
                onChange={setDays}
                options={DAYS.map((value) => ({ value, label: plural(t.authority.days, Number(value)) }))}
              />
              <Button
                icon="phases/issue"
                isDisabled={!unlocked || renew.isPending}
                onPress={() => {
                  write.reset();
                  renew.mutate(
                    { days: Number(days), rootDays: ROOT_DAYS },
                    {
                      onSuccess: (set) =>
                        notElsewhere(set).length > 0 ? undefined : toasts.say(t.lists.renewed),
                    },
                  );
                }}
              >
                {t.lists.renew}
              </Button>
              <Button icon="ui/save" isDisabled={!usable || write.isPending} onPress={() => write.mutate({})}>
                {t.lists.write}
              </Button>
            </div>
            {unlocked ? null : <p className="field-hint">{t.lists.locked}</p>}
            {rootIsAway ? (
              <div className="row row-end">
                <p className="field-hint">{t.lists.rootElsewhere}</p>
                <Button icon="ui/plus" onPress={() => setTaking(true)}>
                  {t.lists.install}
                </Button>
              </div>
            ) : null}
            {kept.map((one) => (
              <KeptList key={`${one.ca}${one.label}`} kept={one} />
            ))}
            <FailureNote error={renew.error ?? write.error} />
            {write.data === undefined ? null : <WrittenFiles written={write.data} />}
          </div>
        ) : null}
      </div>
      {taking ? <RootListDialog onClose={() => setTaking(false)} /> : null}
    </Panel>
  );
}
