"""The watch: every country forecast, ranked, drawn and written into one folder."""

from tocsin.watch.alerts import Alerted, Alerts
from tocsin.watch.archive import Archive, Kept, keep, kept
from tocsin.watch.data import current_groups, current_panel, passes_over_vault, reads_vault
from tocsin.watch.deposit import deposit, gone, lacking, of_record, on_record
from tocsin.watch.edition import bulletin, write_bulletin
from tocsin.watch.folder import check_folder, failure, failure_noted
from tocsin.watch.forms import FORMS, check_form, quantiles_frame, shaped, write_draws
from tocsin.watch.outcomes import Scores, score_draws
from tocsin.watch.ranking import Row, rank
from tocsin.watch.record import Watch, last_month, watch
from tocsin.watch.screen import screen
from tocsin.watch.words import lies_above, little, percent, sparkline

__all__ = [
    "FORMS",
    "Alerted",
    "Alerts",
    "Archive",
    "Kept",
    "Row",
    "Scores",
    "Watch",
    "bulletin",
    "check_folder",
    "check_form",
    "current_groups",
    "current_panel",
    "deposit",
    "failure",
    "failure_noted",
    "gone",
    "keep",
    "kept",
    "lacking",
    "last_month",
    "lies_above",
    "little",
    "of_record",
    "on_record",
    "passes_over_vault",
    "percent",
    "quantiles_frame",
    "rank",
    "reads_vault",
    "score_draws",
    "screen",
    "shaped",
    "sparkline",
    "watch",
    "write_bulletin",
    "write_draws",
]
