"""`ModelRegistry`: models by name and version, whole or not there, unchanged or refused."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from modelops_jupyter._atomic import sync_folder
from modelops_jupyter._display import Rich
from modelops_jupyter._format import visible
from modelops_jupyter._home import home
from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError, ModelOpsError, RegistryError, StoreError
from modelops_jupyter.registry import artifact as artifacts
from modelops_jupyter.registry import names, provenance
from modelops_jupyter.registry.blobs import Blobs, Content, content_of, digest
from modelops_jupyter.registry.store import Entry, Store
from modelops_jupyter.registry.version import AuditEvent, Model, ModelVersion

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation import EvaluationResult, Gate
    from modelops_jupyter.evaluation.compare import Comparison
    from modelops_jupyter.registry.card import ModelCard
    from modelops_jupyter.registry.diff import VersionDiff
    from modelops_jupyter.registry.lineage import Lineage

__all__ = ["Collected", "ModelRegistry"]

CARD = "README.md"
OWN_CARD = "README.registered{}.md"  # the one that was among the files, in an export


class Collected(NamedTuple):
    """What a collection of garbage removed."""

    contents: int
    bytes: int
    drafts: int


class ModelRegistry(Rich):
    """Versions of models on this machine, for as many processes at once as there are.

    A version appears when all of it is on disk, and never before; what is read is compared with
    its SHA-256 first. The same content is kept once.

    Parameters
    ----------
    path
        The folder of the registry; by default `registry` in the home folder.

    Raises
    ------
    StoreError
        If the folder cannot be written, or holds another program's database.

    Examples
    --------
    >>> registry = ModelRegistry()  # doctest: +SKIP
    >>> registry.register("dates", job.model, job=job, metrics=result)  # doctest: +SKIP
    <ModelVersion dates 1>
    >>> registry.promote("dates", "production", 1, Gate("exact_match", min_value=0.9))  # doctest: +SKIP
    """

    kind: ClassVar[str] = "registry"

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path).expanduser().absolute() if path else home() / "registry"
        self.contents = Blobs(self.path)
        with self._disk():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.contents.make()
        self._store = Store(self.path / "registry.sqlite3")

    # -- registering --------------------------------------------------------------------------

    def register(
        self,
        name: str,
        artifact: object,
        *,
        version: int | str | None = None,
        metrics: "Mapping[str, float] | EvaluationResult | None" = None,
        dataset: "Dataset | str | None" = None,
        job: object = None,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        description: str = "",
    ) -> ModelVersion:
        """Keep an artifact as a new version of a model.

        Parameters
        ----------
        artifact
            A file, a folder, or anything with `save(folder)`, such as a `FineTunedModel`.
        version
            Its number; by default the next. A number is never used twice.
        metrics
            Numbers by name, or an `EvaluationResult`, which later gates and comparisons can pair.
        dataset
            What it learned from, or its fingerprint.
        job
            The job that made it, or its id.
        parameters
            Further settings, as JSON values.

        Raises
        ------
        RegistryError
            If a name is unfit, the number taken, or the artifact holds a link or nothing.
        StoreError
            If the disk is full or cannot be written; nothing is left then.
        """
        from modelops_jupyter.evaluation import EvaluationResult

        return self.keep(
            name,
            artifact,
            lambda story: provenance.of(metrics, dataset, job, parameters, story),
            evaluation=metrics if isinstance(metrics, EvaluationResult) else None,
            version=version,
            tags=tags,
            description=description,
        )

    def keep(
        self,
        name: str,
        artifact: object,
        gather: Callable[[Path | None], provenance.Facts],
        *,
        evaluation: "EvaluationResult | None" = None,
        version: int | str | None = None,
        tags: Mapping[str, str] | None = None,
        description: str = "",
    ) -> ModelVersion:
        """Register with known facts; `gather` is given the artifact's own account, if any."""
        names.check_model(name)
        wanted = None if version is None else names.check_version(version)
        given = provenance.mapping(tags, "tags")
        texts = {provenance.text(k, "tag"): provenance.text(v, "tag") for k, v in given.items()}
        description = provenance.text(description, "description")
        with self._disk(), contextlib.ExitStack() as drafts:
            new = self.contents.draft
            files = artifacts.files_of(artifact, lambda: drafts.enter_context(new()), self.path)
            facts = gather(dict(files).get(provenance.STORY))
            rows = None if evaluation is None else evaluation.to_json().encode()
            number = None
            while number is None:
                held = {path: self.contents.put(source) for path, source in files}
                kept = None if rows is None else self.contents.put(rows).sha256
                self.contents.settle()
                entry = Entry(name, digest(held.items()), description, facts, held, texts, kept)
                number = self._store.add(entry, wanted, self._missing)
        return self.get(name, number)

    # -- finding ------------------------------------------------------------------------------

    def get(self, name: str, version: int | str | None = None, *, alias: str | None = None) -> ModelVersion:
        """Return a version by number (3, "3"), by alias, or the newest.

        Raises
        ------
        RegistryError
            If there is none.
        """
        if version is not None and alias is not None:
            raise ConfigError("version= and alias= are both given.", hint="Leave one of them out.")
        number = None if version is None else names.check_version(version)
        alias = None if alias is None else names.check_alias(alias)
        found = self._store.version(names.check_model(name), number, alias)
        return ModelVersion(**found, registry=self)

    def resolve(self, reference: str) -> ModelVersion:
        """Return what `registry:dates@production`, `models:/dates/3` or `dates` (the newest) names."""
        named = names.parse(reference)
        return self.get(named.name, named.version, alias=named.alias)

    def list_models(self) -> list[Model]:
        """Return every model that has a version, by name."""
        return self._store.models()

    def list_versions(self, name: str) -> list[ModelVersion]:
        """Return all versions of a model, newest first."""
        return [self.get(name, number) for number in self._store.numbers(names.check_model(name))]

    def latest(self, name: str) -> ModelVersion:
        """Return the newest version of a model."""
        return self.get(name)

    def audit(self, name: str | None = None) -> list[AuditEvent]:
        """Return what was done, by whom and when, oldest first; nothing is ever taken out of it."""
        return self._store.events(name if name is None else names.check_model(name))

    # -- aliases and tags ---------------------------------------------------------------------

    def set_alias(self, name: str, alias: str, version: int | str | None) -> None:
        """Let an alias name a version; None takes the alias away.

        Raises
        ------
        RegistryError
            For `staging` and `production`, which only `promote` moves.
        """
        alias = names.check_alias(alias)
        if version is None:
            if not self._store.unpoint(names.check_model(name), alias):
                raise RegistryError(f"No version of '{name}' is '{alias}'.", code="registry-unknown")
            return
        if alias in names.GATED:
            raise RegistryError(
                f"'{alias}' is moved by promoting a version, not by hand.",
                code="registry-gated",
                hint=f'registry.promote("{name}", "{alias}", {names.check_version(version)}, gate)',
            )
        self._store.point(names.check_model(name), alias, names.check_version(version), "aliased", {})

    def promote(
        self, name: str, alias: str, version: int | str, gate: "Gate | Sequence[Gate] | None" = None
    ) -> ModelVersion:
        """Let an alias name a version if it passes its gates, and return it.

        Parameters
        ----------
        gate
            What the version's evaluation must reach; `max_drop` compares with the version that holds
            the alias now. Without one the log says that nothing was asked.

        Raises
        ------
        RegistryError
            If a gate fails or stays open, with its reasons; the alias stays where it was.
        """
        from modelops_jupyter.registry import promote

        alias, candidate = names.check_alias(alias), self.get(name, names.check_version(version))
        held = next((m.aliases.get(alias) for m in self.list_models() if m.name == name), None)
        found = promote.judge(candidate, None if held is None else self.get(name, held), gate)
        data = {"alias": alias, "from": held, "gates": [g.to_dict() for g in found]}
        if (refused := promote.refuse(candidate, alias, found)) is not None:
            self._store.note(name, candidate.version, "promotion-refused", data)
            raise refused
        self._store.point(name, alias, candidate.version, "promoted", data)
        return self.get(name, candidate.version)

    def set_tag(self, name: str, version: int | str, key: str, value: str | None) -> None:
        """Set a tag of a version; None takes it away."""
        text = value if value is None else provenance.text(value, "tag")
        number = names.check_version(version)
        self._store.tag(names.check_model(name), number, provenance.text(key, "tag"), text)

    # -- understanding ------------------------------------------------------------------------

    def compare(self, name: str, before: int | str, after: int | str) -> "Comparison":
        """Compare the evaluations of two versions on the same rows: after minus before, paired."""
        results: list[EvaluationResult] = []
        for version in (after, before):
            found = self.get(name, version)
            results.append(found.evaluation)
            results[-1].title = str(found)
        return results[0].compare(results[1])

    def diff(self, name: str, before: int | str, after: int | str) -> "VersionDiff":
        """Return what differs between two versions: data, settings, numbers, files."""
        from modelops_jupyter.registry.diff import VersionDiff

        return VersionDiff(self.get(name, before), self.get(name, after))

    def lineage(self, name: str, version: int | str | None = None) -> "Lineage":
        """Return where a version comes from, as a graph."""
        return self.get(name, version).lineage

    def card(self, name: str, version: int | str | None = None) -> "ModelCard":
        """Return the model card of a version."""
        return self.get(name, version).card

    # -- out ----------------------------------------------------------------------------------

    def download(self, name: str, version: int | str, path: str | Path) -> Path:
        """Write the files of a version into a folder that does not exist yet; return it.

        Raises
        ------
        RegistryError
            If a file is not what was registered; the folder is not made then.
        """
        return self._deliver(self.get(name, version), path, card=False)

    def export(self, name: str, version: int | str, path: str | Path) -> Path:
        """Write files and model card into a new folder, as hubs take it; return it.

        The card is `README.md`; one that was among the files goes to `README.registered.md`.
        """
        return self._deliver(self.get(name, version), path, card=True)

    def push(self, name: str, version: int | str, server: str) -> str:
        """Register a version at an MLflow server under the same name; return its number there."""
        from modelops_jupyter.registry import mlflow

        return mlflow.push(self.get(name, version), server)

    def pull(self, name: str, version: int | str, server: str) -> ModelVersion:
        """Register a version of an MLflow server here, checked against its hashes if we pushed it."""
        from modelops_jupyter.registry import mlflow

        return mlflow.pull(self, names.check_model(name), names.check_version(version), server)

    def checkout(self, version: ModelVersion) -> Path:
        """Return the registry's own folder with the files of a version, checked; see `ModelVersion.path`."""
        folder = self.path / "checkouts" / f"{version.name}-{version.version}"
        with self._disk():
            folder.parent.mkdir(mode=0o700, exist_ok=True)
            while not _holds(folder, version.files):
                with self.contents.draft() as draft:
                    self._fetch(version.files, draft / "new")
                    with contextlib.suppress(FileNotFoundError):
                        folder.rename(draft / "old")
                    with contextlib.suppress(OSError):  # another process was faster: look at its folder
                        (draft / "new").rename(folder)
        return folder

    # -- keeping house ------------------------------------------------------------------------

    def delete(self, name: str, version: int | str, force: bool = False) -> None:
        """Delete a version and the contents that no other one needs; its number stays used.

        Parameters
        ----------
        force
            Also the aliases that name it; without it such a version is refused.
        """
        found = self.get(name, names.check_version(version))
        self._store.delete(name, found.version, force=force)
        shutil.rmtree(self.path / "checkouts" / f"{name}-{found.version}", ignore_errors=True)
        needed = {content.sha256 for content in found.files.values()} | {found.evaluation_sha256 or ""} - {""}
        with self._disk():
            self._store.collect(lambda kept: self.contents.remove(kept, needed))

    def collect_garbage(self) -> Collected:
        """Remove contents that no version needs, and what killed processes left; safe at any time."""
        with self._disk():
            drafts = self.contents.sweep()
            return Collected(*self._store.collect(self.contents.remove), drafts)

    def verify(self) -> list[str]:
        """Read everything and name each file that is missing or not what was registered."""
        damaged: list[str] = []
        for name, number, path, content in self._store.everything():
            if content is None:
                good, what = self.contents.readable(path), "its evaluation"
            else:
                good, what = self.contents.good(content), visible(path)
            if not good:
                damaged.append(f"{name} version {number}: {what}")
        return damaged

    def data_version(self) -> int:
        """Return a number that differs after any change by any process."""
        return self._store.data_version()

    def close(self) -> None:
        """Close this thread's connection."""
        self._store.close()

    def __repr__(self) -> str:
        return f"<ModelRegistry {visible(str(self.path))}>"

    # -- inside -------------------------------------------------------------------------------

    def _missing(self, hashes: Any) -> bool:
        return not all(self.contents.path(sha256).exists() for sha256 in hashes)

    def _fetch(self, files: Mapping[str, Content], folder: Path) -> None:
        folder.mkdir()
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            self.contents.fetch(content, target)

    def _deliver(self, version: ModelVersion, path: str | Path, *, card: bool) -> Path:
        target = Path(path).expanduser().absolute()
        with self._disk():
            if target.exists() or target.is_symlink():
                raise ConfigError(f"'{visible(str(target))}' exists already.", hint="Choose a new folder.")
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name[:80]}.") as draft:
                made = Path(draft) / "files"
                self._fetch(version.files, made)
                if card:
                    if CARD in version.files:
                        free = (OWN_CARD.format(n or "") for n in range(len(version.files)))
                        (made / CARD).rename(made / next(n for n in free if n not in version.files))
                    version.card.save(made / CARD)
                made.rename(target)
            sync_folder(target.parent)
        return target

    @contextlib.contextmanager
    def _disk(self) -> Generator[None]:
        """Say in one sentence what the disk refused."""
        try:
            yield
        except ModelOpsError:
            raise
        except OSError as error:
            where = Where(file=visible(str(error.filename or self.path)))
            raise StoreError(
                f"The disk refused: {error.strerror or error}.",
                where=where,
                hint="Nothing was registered or handed out. Check free space and rights, then do it again.",
            ) from error


def _holds(folder: Path, files: Mapping[str, Content]) -> bool:
    """Tell whether a folder holds exactly these files."""
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    if there.keys() != files.keys():
        return False
    return all(not path.is_symlink() and content_of(path) == files[name] for name, path in there.items())
