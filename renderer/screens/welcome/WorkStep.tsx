// Step 3: what is provisioned, and what its certificates contain.

import type { ReactNode } from 'react';
import type { Catalog } from '../../../core/contract/schemas/orders.ts';
import { Choices } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';
import type { StepProps } from './NameStep.tsx';

export function WorkStep({
  draft,
  change,
  catalog,
}: StepProps & { catalog: Catalog | undefined }): ReactNode {
  const { t } = useWords();
  if (catalog === undefined) return <p>{t.common.loading}</p>;
  return (
    <div className="welcome-form welcome-work">
      <p className="dim wide">{t.welcome.workLead}</p>
      <Choices
        label={t.welcome.target}
        value={draft.targetName}
        onChange={(targetName) => change({ targetName })}
        options={catalog.targets.map(({ name, title }) => ({ value: name, label: title, hint: name }))}
      />
      <Choices
        label={t.welcome.profile}
        value={draft.profileName}
        onChange={(profileName) => change({ profileName })}
        options={catalog.profiles.map(({ name, description }) => ({
          value: name,
          label: name,
          hint: description,
        }))}
      />
    </div>
  );
}
