/** The anywidget entry: one script for all widgets, the `kind` trait picks the view. */

import { present, refuse } from "./core/present.ts";
import { common } from "./core/strings.ts";
import type { Mount, Spec } from "./core/view.ts";
import { mount as chat } from "./widgets/chat/index.ts";
import { mount as diff } from "./widgets/dataset_diff/index.ts";
import { mount as dataset } from "./widgets/dataset_viewer/index.ts";
import { mount as jobs } from "./widgets/job_list/index.ts";
import { mount as job } from "./widgets/job_monitor/index.ts";
import { mount as metrics } from "./widgets/metrics_explorer/index.ts";
import { mount as rating } from "./widgets/rating/index.ts";
import { mount as registry } from "./widgets/registry/index.ts";
import { type Carrier, lateCarrier } from "./wire/carrier.ts";
import { chooseJobCarrier } from "./wire/choose.ts";
import { CommCarrier, type CommModel } from "./wire/comm.ts";
import { primed } from "./wire/primed.ts";
import { PROTOCOL } from "./wire/protocol.ts";

interface Model extends CommModel {
  get(trait: "kind"): string;
  get(trait: "_spec"): Spec;
}

interface Kind {
  mount: Mount;
  carrier: (model: Model, spec: Spec) => Carrier;
  /** What it shows can change: an answer holds until then. */
  edits?: boolean;
}

const overComm = (model: Model) => CommCarrier.of(model);
const overServer = (model: Model, spec: Spec) => lateCarrier(chooseJobCarrier(model, spec.home_id));

const KINDS: Record<string, Kind> = {
  chat: { mount: chat, carrier: overComm },
  dataset: { mount: dataset, carrier: overComm, edits: true },
  diff: { mount: diff, carrier: overComm, edits: true },
  job: { mount: job, carrier: overServer },
  jobs: { mount: jobs, carrier: overServer },
  metrics: { mount: metrics, carrier: overComm },
  rating: { mount: rating, carrier: overComm },
  registry: { mount: registry, carrier: overServer, edits: true },
};

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const kind = model.get("kind");
  const spec = model.get("_spec");
  const known = KINDS[kind];
  if (!known) return refuse(el, kind, common.unknownKind(kind), common.otherVersionHint);
  if ((spec.protocol ?? PROTOCOL) !== PROTOCOL)
    return refuse(el, kind, common.otherVersion, common.otherVersionHint);
  const carrier = primed(known.carrier(model, spec), spec.answers, known.edits);
  return present(el, kind, known.mount, carrier, spec);
}

export default { render };
