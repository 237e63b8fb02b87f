-- Grain: figure × part, and `all` for each figure, before disclosure control.
-- Inputs: person_index.linkage_figures
-- Persons of five clients and more are one part: few persons are that large, and few persons are withheld.
with parts as (
    select
        figure_code,
        case when figure_code = 'clusters_by_size' and part_code >= '05' then '05+' else part_code end as part_code,
        sum(value)::bigint as value
    from person_index.linkage_figures
    where figure_code in ('links_by_weight', 'clusters_by_size', 'links_by_rule', 'placeholders')
    group by all
)

select figure_code, part_code, value, null::date as told_as_of_on, false as suppressed from parts
union all
select figure_code, 'all', sum(value)::bigint, null, false from parts group by figure_code
