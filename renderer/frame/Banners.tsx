// What is wrong or noteworthy with the station now, above every screen until it is over or read.

import type { ReactNode } from 'react';
import type { ConditionKind, Session } from '../../core/contract/schemas/session.ts';
import { Button } from '../components/controls.tsx';
import { Icon } from '../components/Icon.tsx';
import { useAct, useAsk, useStation } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';

type Look = 'banner-stop' | 'banner-calm' | '';

const LOOKS: Readonly<Record<ConditionKind, Look>> = {
  'disk-full': 'banner-stop',
  'storage-read-only': 'banner-stop',
  'audit-broken': 'banner-stop',
  'clock-behind': 'banner-stop',
  'disk-low': '',
  'port-listing-unavailable': '',
  'backup-overdue': 'banner-calm',
  'certificate-expires-soon': '',
  'lists-ended': 'banner-stop',
  'lists-end-soon': '',
  recovered: 'banner-calm',
};
const DISMISSABLE: readonly ConditionKind[] = ['recovered', 'backup-overdue'];

function Banner({
  look,
  icon,
  what,
  next,
  action,
}: {
  look: Look;
  icon: string;
  what: string;
  next: string;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className={`banner ${look}`} role={look === 'banner-calm' ? 'status' : 'alert'}>
      <Icon name={icon} size={22} />
      <p>
        <strong>{what}</strong> {next}
      </p>
      {action}
    </div>
  );
}

function ConnectionBanner(): ReactNode {
  const { t, plural } = useWords();
  const { state, restart, forgetRestart } = useStation();
  if (state === 'lost') {
    return (
      <Banner look="banner-stop" icon="ui/warning" what={t.connection.lost} next={t.connection.lostNote} />
    );
  }
  if (state === 'silent') {
    return (
      <Banner look="banner-stop" icon="ui/clock" what={t.connection.silent} next={t.connection.silentNote} />
    );
  }
  if (restart === undefined) return null;
  const note =
    restart.runsClosed === 0 ? t.connection.backClean : plural(t.connection.backNote, restart.runsClosed);
  return (
    <Banner
      look=""
      icon="ui/info"
      what={t.connection.back}
      next={note}
      action={
        <Button small onPress={forgetRestart}>
          {t.connection.dismiss}
        </Button>
      }
    />
  );
}

export function Banners({
  session,
  onLeavePractice,
}: {
  session: Session;
  onLeavePractice: () => void;
}): ReactNode {
  const { t, fill } = useWords();
  const conditions = useAsk('session.conditions', {}).data ?? [];
  const dismiss = useAct('session.dismissCondition');
  return (
    <>
      {session.practice ? (
        <div className="practice" role="status">
          <Icon name="ui/practice" size={22} />
          {t.status.practice}: {t.status.practiceNote}
          <Button small onPress={onLeavePractice}>
            {t.status.leavePractice}
          </Button>
        </div>
      ) : null}
      <ConnectionBanner />
      {conditions.map(({ kind, details }) => (
        <Banner
          key={kind}
          look={LOOKS[kind]}
          icon={LOOKS[kind] === 'banner-calm' ? 'ui/info' : 'ui/warning'}
          what={fill(t.conditions[kind].what, details)}
          next={fill(t.conditions[kind].next, details)}
          action={
            DISMISSABLE.includes(kind) ? (
              <Button small onPress={() => dismiss.mutate({ kind })}>
                {t.connection.dismiss}
              </Button>
            ) : undefined
          }
        />
      ))}
    </>
  );
}
