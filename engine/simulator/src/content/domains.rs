//! What the company's data is about.

/// One business domain.
pub(super) struct Domain {
    /// As folders show it.
    pub(super) title: &'static str,
    /// As tables and tags have it.
    pub(super) slug: &'static str,
    /// What its work is for, in one sentence.
    pub(super) purpose: &'static str,
    /// The tables, as `entity`, its key, its measure and its date.
    pub(super) entities: [(&'static str, &'static str, &'static str, &'static str); 9],
    /// The time zone of its schedules.
    pub(super) timezone_id: &'static str,
}

pub(super) const DOMAINS: [Domain; 5] = [
    Domain {
        title: "Finance close",
        slug: "finance_close",
        purpose: "Close the books of every legal entity by the third working day.",
        entities: [
            ("ledger_entries", "entry_id", "amount_local", "posting_date"),
            ("cost_centres", "cost_centre_id", "budget_amount", "valid_from"),
            ("intercompany_balances", "balance_id", "open_amount", "period_end"),
            ("accruals", "accrual_id", "accrued_amount", "period_end"),
            ("fx_rates", "rate_id", "rate_to_group", "rate_date"),
            ("fixed_assets", "asset_id", "net_book_value", "capitalised_on"),
            ("trial_balance", "account_id", "closing_balance", "period_end"),
            ("journal_approvals", "approval_id", "approved_amount", "approved_on"),
            ("tax_postings", "posting_id", "tax_amount", "posting_date"),
        ],
        timezone_id: "Europe/Berlin",
    },
    Domain {
        title: "Claims",
        slug: "claims",
        purpose: "Reserve, pay and recover claims, and notice fraud before the payment leaves.",
        entities: [
            ("claim_notices", "claim_id", "estimated_loss", "notified_on"),
            ("policy_terms", "policy_id", "sum_insured", "inception_date"),
            ("reserves", "reserve_id", "reserve_amount", "set_on"),
            ("payments", "payment_id", "paid_amount", "value_date"),
            ("recoveries", "recovery_id", "recovered_amount", "received_on"),
            ("adjuster_workload", "adjuster_id", "open_claims", "snapshot_date"),
            ("fraud_signals", "signal_id", "score", "raised_on"),
            ("repair_invoices", "invoice_id", "invoice_amount", "invoice_date"),
            ("litigation", "case_id", "exposure_amount", "filed_on"),
        ],
        timezone_id: "America/New_York",
    },
    Domain {
        title: "Risk",
        slug: "risk",
        purpose: "Know the exposure to every counterparty and peril, and the capital it takes.",
        entities: [
            ("exposures", "exposure_id", "gross_exposure", "as_of_date"),
            ("counterparties", "counterparty_id", "credit_limit", "reviewed_on"),
            ("limit_breaches", "breach_id", "excess_amount", "breached_on"),
            ("market_prices", "instrument_id", "close_price", "price_date"),
            ("stress_scenarios", "scenario_id", "shock_factor", "effective_date"),
            ("collateral", "collateral_id", "haircut_value", "as_of_date"),
            ("ratings", "rating_id", "default_probability", "rated_on"),
            ("loss_events", "event_id", "net_loss", "occurred_on"),
            ("capital_charges", "charge_id", "capital_amount", "period_end"),
        ],
        timezone_id: "Europe/London",
    },
    Domain {
        title: "Customer 360",
        slug: "customer_360",
        purpose: "One view of each customer across policies, contacts and channels, with consent kept.",
        entities: [
            ("accounts", "account_id", "annual_premium", "opened_on"),
            ("contacts", "contact_id", "touch_count", "last_contact_on"),
            ("interactions", "interaction_id", "duration_s", "occurred_on"),
            ("consents", "consent_id", "channel_count", "granted_on"),
            ("orders", "order_id", "order_value", "ordered_on"),
            ("churn_scores", "score_id", "churn_probability", "scored_on"),
            ("segments", "segment_id", "member_count", "refreshed_on"),
            ("campaigns", "campaign_id", "spend_amount", "started_on"),
            ("web_sessions", "session_id", "page_views", "session_date"),
        ],
        timezone_id: "UTC",
    },
    Domain {
        title: "Ingestion",
        slug: "ingestion",
        purpose: "Land every source once, complete and in time, with its lineage.",
        entities: [
            ("sap_extracts", "document_id", "row_count", "extracted_on"),
            ("crm_objects", "object_id", "change_count", "synced_on"),
            ("kafka_topics", "offset_id", "lag_records", "observed_on"),
            ("sftp_drops", "file_id", "file_size_kb", "arrived_on"),
            ("cdc_streams", "change_id", "delay_s", "committed_on"),
            ("telematics_readings", "reading_id", "speed_kmh", "recorded_on"),
            ("partner_feeds", "feed_id", "record_count", "delivered_on"),
            ("reference_data", "code_id", "version_number", "valid_from"),
            ("mail_archives", "message_id", "attachment_count", "received_on"),
        ],
        timezone_id: "UTC",
    },
];
