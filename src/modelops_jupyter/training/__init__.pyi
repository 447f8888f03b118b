from .config import TrainingConfig as TrainingConfig
from .models import ModelSpec as ModelSpec
from .pipeline import TrainingPipeline as TrainingPipeline
from .pipeline import TrainingRun as TrainingRun
from .tiny import tiny_chat_model as tiny_chat_model
