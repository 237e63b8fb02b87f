-- Grain: cut × value, before disclosure control.
-- Inputs: person_index.linkage_by_group
-- labelled_pairs: only where the labels tell something, so never a handful.
-- Three digits: with more, an interval would give back how many clients cannot be linked. linked_clients and
-- unlinked_clients are for disclosure control and do not leave.
select
    cut_code, cut_value, clients,
    round(linked, 3) as linked, round(linked_lower, 3) as linked_lower, round(linked_upper, 3) as linked_upper,
    round(mean_confidence, 1) as mean_confidence, round(doubtful_share, 3) as doubtful_share,
    round(expected_precision, 3) as expected_precision,
    round(expected_precision_lower, 3) as expected_precision_lower,
    round(expected_precision_upper, 3) as expected_precision_upper,
    round(expected_recall, 3) as expected_recall,
    round(expected_recall_lower, 3) as expected_recall_lower,
    round(expected_recall_upper, 3) as expected_recall_upper,
    round(labelled_precision, 3) as labelled_precision,
    round(labelled_precision_lower, 3) as labelled_precision_lower,
    round(labelled_precision_upper, 3) as labelled_precision_upper,
    round(labelled_recall, 3) as labelled_recall,
    round(labelled_recall_lower, 3) as labelled_recall_lower,
    round(labelled_recall_upper, 3) as labelled_recall_upper,
    precision_source, recall_source,
    case when precision_source = 'labels' or recall_source = 'labels' then labelled_pairs end as labelled_pairs,
    case
        when precision_source = 'labels' or recall_source = 'labels'
            then round(labels_set_aside / (labelled_pairs + labels_set_aside), 3)
    end as labels_set_aside_share,
    null::date as told_as_of_on,
    false as suppressed,
    linked_clients, linkable_clients - linked_clients as unlinked_clients
from person_index.linkage_by_group
