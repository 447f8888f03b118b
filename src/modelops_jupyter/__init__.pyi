# The public names. lazy_loader reads this file at run time, type checkers read it as types.
from . import (
    datasets as datasets,
    evaluation as evaluation,
    evaluators as evaluators,
    fine_tuning as fine_tuning,
    optimization as optimization,
    registry as registry,
    training as training,
    vector_store as vector_store,
)
from ._version import __version__ as __version__
from .cli.doctor import doctor as doctor
from .datasets import Dataset as Dataset, DatasetSanitizer as DatasetSanitizer
from .errors import (
    ConfigError as ConfigError,
    DatasetError as DatasetError,
    EmptyInputError as EmptyInputError,
    EvaluationError as EvaluationError,
    JobError as JobError,
    LengthMismatchError as LengthMismatchError,
    MissingExtraError as MissingExtraError,
    ModelOpsError as ModelOpsError,
    RegistryError as RegistryError,
    RowError as RowError,
    SourceNotFoundError as SourceNotFoundError,
    StoreError as StoreError,
)
from .evaluation import (
    AccuracyMetric as AccuracyMetric,
    AUCROCMetric as AUCROCMetric,
    ConfusionMatrix as ConfusionMatrix,
    EvaluationResult as EvaluationResult,
    F1Metric as F1Metric,
    MAEMetric as MAEMetric,
    Metric as Metric,
    ModelEvaluator as ModelEvaluator,
    MSEMetric as MSEMetric,
    PrecisionMetric as PrecisionMetric,
    R2Metric as R2Metric,
    RecallMetric as RecallMetric,
    RMSEMetric as RMSEMetric,
    TaskType as TaskType,
    create_evaluator as create_evaluator,
    evaluate_model as evaluate_model,
)
from .evaluators import (
    Evaluator as Evaluator,
    exact_match_metric as exact_match_metric,
    length_ratio_metric as length_ratio_metric,
)
from .fine_tuning import FineTuningJob as FineTuningJob
from .notebook.extension import (
    load_ipython_extension as load_ipython_extension,
    unload_ipython_extension as unload_ipython_extension,
)
